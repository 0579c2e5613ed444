/* SPDX-License-Identifier: MIT */
/* expect: clean */
/* A sorted list whose nodes come and go, each with its own lock, taken hand over hand: ways through
 * it without number, and none of them back. */
#include <pthread.h>
#include <stdlib.h>

#define ROUNDS 400
#define KEYS   40

struct node {
	pthread_mutex_t lock;
	int key;
	struct node *next;
};

static struct node head = {PTHREAD_MUTEX_INITIALIZER, -1, NULL};

static struct node *lock_next(struct node *n)
{
	if (n->next)
		pthread_mutex_lock(&n->next->lock);
	return n->next;
}

/* The last node before the key, locked, and its successor, locked. */
static struct node *find(int key, struct node **next)
{
	struct node *before = &head, *n;

	pthread_mutex_lock(&head.lock);
	n = lock_next(before);
	while (n && n->key < key) {
		pthread_mutex_unlock(&before->lock);
		before = n;
		n = lock_next(n);
	}
	*next = n;
	return before;
}

static void insert(struct node *before, struct node *next, int key)
{
	struct node *n = malloc(sizeof(*n));

	pthread_mutex_init(&n->lock, NULL);
	n->key = key;
	n->next = next;
	before->next = n;
}

static void change(int key)
{
	struct node *n, *before = find(key, &n), *gone = NULL;

	if (n && n->key == key) {
		before->next = n->next;
		gone = n;
	} else {
		insert(before, n, key);
	}
	if (n)
		pthread_mutex_unlock(&n->lock);
	pthread_mutex_unlock(&before->lock);
	if (gone) {
		pthread_mutex_destroy(&gone->lock);
		free(gone);
	}
}

static void *worker(void *arg)
{
	unsigned seed = (unsigned)(size_t)arg;

	for (int i = 0; i < ROUNDS; i++)
		change(rand_r(&seed) % KEYS);
	return NULL;
}

int main(void)
{
	pthread_t t[3];

	for (size_t i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, (void *)(i + 1));
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	while (head.next)
		change(head.next->key);
	return 0;
}
