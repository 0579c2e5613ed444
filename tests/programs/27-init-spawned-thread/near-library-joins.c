/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* links: lib/polite.c */
/* A linked library whose destructor, run after main, stops and joins the thread. */
int polite_answer(void);

int main(void)
{
	return polite_answer() != 42;
}
