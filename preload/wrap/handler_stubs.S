/* SPDX-License-Identifier: MIT */
/*
 * What the kernel calls instead of the program's signal handlers: one entry a slot (state/handlers.h), 16 bytes each, that goes on to
 * handler_run() with the slot as fourth argument. The kernel's frame and arguments stay as they are. Which handler runs is thus decided by
 * the very address that sigaction installed: a signal that comes while another handler is being installed never meets a mixture.
 */
#if !defined(__x86_64__)
#error "port: mov w3, #slot; b handler_run"
#endif

	.text
	.globl handler_stubs
	.hidden handler_stubs
	.type handler_stubs, @function
	.balign 16
handler_stubs:
	.cfi_startproc
	.set slot, 0
	.rept 256
	endbr64
	mov	$slot, %ecx
	jmp	handler_run
	.balign 16
	.set slot, slot + 1
	.endr
	.cfi_endproc
	.size handler_stubs, . - handler_stubs

	.section .note.GNU-stack, "", @progbits
