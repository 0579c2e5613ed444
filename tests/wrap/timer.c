/* SPDX-License-Identifier: MIT */
/* Timers of all kinds: made, armed, read, left, deleted; and message queues. One scene an argument.
 */
#include "scene.h"

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

static const struct itimerspec hour = {.it_value = {.tv_sec = 3600}}, off = {0};
static const struct itimerspec ticks = {.it_value = {.tv_nsec = 2000000},
					.it_interval = {.tv_nsec = 1000000}};
static timer_t kept[20];

static timer_t make(int notify, int signo)
{
	struct sigevent ev = {.sigev_notify = notify, .sigev_signo = signo};
	timer_t id;

	assert(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0);
	return id;
}

static void kinds(void)
{
	struct itimerspec abs = hour;
	struct timespec now;
	timer_t none = make(SIGEV_NONE, 0), sig = make(SIGEV_SIGNAL, SIGUSR2), plain;
	struct itimerval later = {.it_value = {.tv_sec = 3600}, .it_interval = {.tv_sec = 7}}, old;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	assert(timer_create(CLOCK_REALTIME, NULL, &plain) == 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	abs.it_value.tv_sec += now.tv_sec;
	assert(timer_settime(sig, TIMER_ABSTIME, &abs, NULL) == 0);
	assert(timer_settime(none, 0, &ticks, NULL) == 0);
	assert(timerfd_settime(fd, 0, &hour, NULL) == 0);
	assert(setitimer(ITIMER_REAL, &later, NULL) == 0);
	assert(setitimer(ITIMER_VIRTUAL, &later, NULL) == 0);
	ready();
	wait_for_go();
	assert(timer_delete(plain) == 0 && timer_delete(sig) == 0);
	assert(timer_settime(none, 0, &off, NULL) == 0);
	assert(close(fd) == 0);
	later.it_value.tv_sec = later.it_interval.tv_sec = 0;
	assert(setitimer(ITIMER_REAL, &later, &old) == 0 && old.it_interval.tv_sec == 7);
	assert(setitimer(ITIMER_VIRTUAL, &later, NULL) == 0);
	assert(alarm(1000) == 0 && alarm(0) == 1000);
	puts("gone");
	ready();
	wait_for_go();
}

/* Twenty timers of one site, by a function that has returned each time, more than a thread watches
 * at once. */
static __attribute__((noinline)) timer_t left_behind(int i)
{
	timer_t id = make(SIGEV_NONE, 0);

	assert(timer_settime(id, 0, &hour, NULL) == 0);
	__asm__ volatile("" ::"r"(i) : "memory");
	return id;
}
static void returned(void)
{
	for (int i = 0; i < 20; i++)
		kept[i] = left_behind(i);
	usleep(1); /* a call from here: they have returned */
	ready();
	wait_for_go();
	for (int i = 0; i < 20; i++)
		assert(timer_delete(kept[i]) == 0);
}
static void not_returned(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};
	timer_t id;

	assert(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0);
	usleep(1);
	ready();
	wait_for_go();
	timer_delete(id);
}

static void *makes(void *arg)
{
	kept[0] = make(SIGEV_NONE, 0);
	return arg;
}
static void thread_ended(void)
{
	join(spawn(makes, NULL));
	ready();
	wait_for_go();
}

static void on_signal(int sig)
{
	(void)sig;
}
static void consumed(void)
{
	timer_t id = make(SIGEV_SIGNAL, SIGRTMIN);
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	unsigned long n, sum = 0;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGRTMIN, on_signal);
	assert(timer_settime(id, 0, &ticks, NULL) == 0);
	for (int i = 0; i < 3; i++)
		assert(sigwaitinfo(&set, NULL) == SIGRTMIN);
	timer_settime(id, 0, &off, NULL);
	assert(timerfd_settime(fd, 0, &ticks, NULL) == 0);
	while (sum < 5) {
		assert(read(fd, &n, sizeof(n)) == sizeof(n));
		sum += n;
	}
	printf("sum %lu\n", sum);
	ready();
	wait_for_go();
}

static sem_t notified;
static void notify(union sigval v)
{
	(void)v;
	sem_post(&notified);
}
static void function(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notify};
	timer_t id;

	sem_init(&notified, 0, 0);
	assert(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0);
	assert(timer_settime(id, 0, &ticks, NULL) == 0);
	for (int i = 0; i < 5; i++)
		while (sem_wait(&notified))
			;
	ready();
	wait_for_go();
	assert(timer_delete(id) == 0);
}

/* RLIMIT_SIGPENDING reached, five times: told once for its site. */
static void exhausted(void)
{
	struct rlimit few = {10, 10};
	int failed = 0;

	assert(setrlimit(RLIMIT_SIGPENDING, &few) == 0);
	for (int i = 0; i < 100000 && failed < 5; i++) {
		struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
		timer_t id;

		if (timer_create(CLOCK_MONOTONIC, &ev, &id)) {
			assert(errno == EAGAIN);
			failed++;
		}
	}
	assert(failed == 5);
}

static void *receives(void *arg)
{
	char msg[16];
	mqd_t q = *(mqd_t *)arg;

	for (int i = 0; i < 2; i++)
		assert(mq_receive(q, msg, sizeof(msg), NULL) == 5 && !memcmp(msg, "hello", 5));
	return NULL;
}
static void queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	struct timespec past = {.tv_sec = 1};
	char name[64], msg[16];
	mqd_t q, w;
	pthread_t t;

	snprintf(name, sizeof(name), "/wrap-mq-%d", (int)getpid());
	q = mq_open(name, O_CREAT | O_EXCL | O_RDONLY, 0600, &attr);
	if (q < 0 && (errno == ENOSYS || errno == EMFILE)) {
		puts("none");
		ready();
		return;
	}
	w = mq_open(name, O_WRONLY);
	assert(q >= 0 && w >= 0 && mq_unlink(name) == 0);
	assert(mq_open(name, O_RDONLY) < 0 && errno == ENOENT);
	assert(mq_timedreceive(q, msg, sizeof(msg), NULL, &past) == -1 && errno == ETIMEDOUT);
	t = spawn(receives, &q);
	ready();
	wait_for_go();
	assert(mq_send(w, "hello", 5, 0) == 0 && mq_timedsend(w, "hello", 5, 0, &past) == 0);
	join(t);
	assert(mq_close(q) == 0 && mq_close(w) == 0);
	assert(mq_close(w) == -1 && errno == EBADF);
	puts("closed");
	ready();
	wait_for_go();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*play)(void);
	} scenes[] = {{"kinds", kinds},
		      {"returned", returned},
		      {"not-returned", not_returned},
		      {"thread-ended", thread_ended},
		      {"consumed", consumed},
		      {"function", function},
		      {"exhausted", exhausted},
		      {"queue", queue}};

	for (size_t i = 0; argc == 2 && i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, argv[1])) {
			scenes[i].play();
			return 0;
		}
	return 2;
}
