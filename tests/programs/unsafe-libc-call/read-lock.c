/* expect: unsafe-libc-call warning */
/* SPDX-License-Identifier: MIT */
/* Readers of a configuration hold its lock, for reading, when they ask for a user: any number of
 * them at once. */
#include <pthread.h>
#include <pwd.h>

static pthread_rwlock_t config = PTHREAD_RWLOCK_INITIALIZER;

static void *home(void *name)
{
	struct passwd *p;

	pthread_rwlock_rdlock(&config);
	p = getpwnam(name);
	pthread_rwlock_unlock(&config);
	return p;
}

int main(void)
{
	static char root[] = "root", daemon[] = "daemon";
	pthread_t a, b;
	void *p, *q;

	pthread_create(&a, NULL, home, root);
	pthread_create(&b, NULL, home, daemon);
	pthread_join(a, &p);
	pthread_join(b, &q);
	return !p;
}
