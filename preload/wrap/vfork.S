/* SPDX-License-Identifier: MIT */
/*
 * vfork and syscall: the two calls that may come back twice, on one stack. vfork must not return through a frame of ours, the child would
 * overwrite it (G10, G38): the return address waits in a register. The rest is in wrap/process.c and wrap/sys.c.
 */
#include <sys/syscall.h>

#if !defined(__x86_64__)
#error "port: vfork and syscall of this machine"
#endif

	.text
	.globl vfork, __vfork
	.type vfork, @function
	.type __vfork, @function
vfork:
__vfork:
	.cfi_startproc
	endbr64
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	vfork_enter
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	pop	%rdi			/* the return address: the kernel keeps rdi for both */
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	mov	$SYS_vfork, %eax
	syscall
	push	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_offset %rip, -8
	test	%rax, %rax
	jnz	1f
	ret				/* the child */
1:	mov	%rax, %rdi
	sub	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	vfork_leave
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size vfork, . - vfork
	.size __vfork, . - __vfork

/* Calls that make a second flow of control go to the kernel from here, with no frame of ours around them; all others to a C function, which
 * finds its arguments as the caller laid them out. */
	.globl syscall
	.type syscall, @function
syscall:
	.cfi_startproc
	endbr64
	cmp	$SYS_vfork, %rdi
	je	vfork
	cmp	$SYS_clone, %rdi
	je	1f
	cmp	$SYS_clone3, %rdi
	je	1f
	cmp	$SYS_fork, %rdi
	jne	syscall_observed
1:	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %r10
	mov	%r9, %r8
	mov	8(%rsp), %r9
	syscall
	cmp	$-4095, %rax
	jae	2f
	ret
2:	mov	%rax, %rdi
	jmp	syscall_failed
	.cfi_endproc
	.size syscall, . - syscall

	.section .note.GNU-stack, "", @progbits
