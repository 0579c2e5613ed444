/* SPDX-License-Identifier: MIT */
/*
 * A thousand pairs of mutexes in turn at the same addresses, without init and without destroy; the
 * order in which a pair is nested is the opposite in every second generation, by two threads. Not
 * one order edge may outlive its pair. How the memory comes and goes is the argument. Prints "same
 * N": how often a pair lay where the one before it had lain.
 */
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <vector>

namespace
{

struct pair {
	std::mutex first, second;
};

void nest(std::mutex &outer, std::mutex &inner)
{
	std::lock_guard<std::mutex> a(outer);
	std::lock_guard<std::mutex> b(inner);
}

/* The second thread lives all along and is told by an atomic: nothing that can be seen separates what
 * the two do. */
struct job {
	std::mutex *outer, *inner;
};
std::atomic<const job *> posted{nullptr};
const job stop{};

void helper()
{
	for (;;) {
		const job *j = posted.load();

		if (j == &stop)
			return;
		if (!j) {
			std::this_thread::yield();
			continue;
		}
		nest(*j->outer, *j->inner);
		posted = nullptr;
	}
}

/* Both threads of a generation nest the same way. */
void use(std::mutex &first, std::mutex &second, int generation)
{
	bool turned = generation % 2;
	std::mutex &outer = turned ? second : first, &inner = turned ? first : second;

	nest(outer, inner);
	const job j{&outer, &inner};

	posted = &j;
	while (posted.load())
		std::this_thread::yield();
}

int same;
void at(const void *p)
{
	static const void *before;

	same += p == before;
	before = p;
}

struct big { /* the mutexes lie pages away from the block's beginning */
	char front[3 * 4096 + 100];
	pair p;
	char back[5000];
};

struct alignas(64) aligned {
	pair p;
};

__attribute__((noinline)) void on_stack_a(int generation)
{
	pair p;

	at(&p);
	use(p.first, p.second, generation);
}

__attribute__((noinline)) void on_stack_b(int generation)
{
	pair p;

	at(&p);
	use(p.first, p.second, generation);
}

template <class T> void heap(int n, pair &(*of)(T &))
{
	for (int i = 0; i < n; i++) {
		auto *t = new T;

		at(&of(*t));
		use(of(*t).first, of(*t).second, i);
		delete t;
	}
}

void in_malloc(int n, size_t before)
{
	for (int i = 0; i < n; i++) {
		auto *block = static_cast<char *>(calloc(1, before + sizeof(pair)));
		auto *p = new (block + before) pair;

		at(p);
		use(p->first, p->second, i);
		free(block);
	}
}

void in_realloc(int n)
{
	for (int i = 0; i < n; i++) {
		auto *block = static_cast<char *>(calloc(1, 8192));
		auto *p = new (block + 4096) pair;

		at(p);
		use(p->first, p->second, i);
		block = static_cast<char *>(
		    realloc(block, 64)); /* shrinks where it is: what lay behind is gone */
		free(block);
	}
}

void in_mmap(int n)
{
	for (int i = 0; i < n; i++) {
		void *block = mmap(nullptr, 65536, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		auto *p = new (static_cast<char *>(block) + 40000) pair;

		at(p);
		use(p->first, p->second, i);
		munmap(block, 65536);
	}
}

void in_map(int n)
{
	for (int i = 0; i < n; i++) {
		std::map<int, pair> map;

		at(&map[1]);
		use(map[1].first, map[1].second, i);
	}
}

/* A pool of the program's own: nobody can see that its memory changes hands. The control of this
 * test: here false edges are to be expected. */
void in_pool(int n)
{
	auto *pool = static_cast<char *>(calloc(1, sizeof(pair)));

	for (int i = 0; i < n; i++) {
		auto *p = new (pool) pair;

		at(p);
		use(p->first, p->second, i);
		p->~pair();
	}
	free(pool);
}

void in_thread_stack(int n)
{
	for (int i = 0; i < n; i++)
		std::thread([i] {
			pair p;

			at(&p);
			use(p.first, p.second, i);
		}).join();
}

} // namespace

int main(int, char **argv)
{
	std::string how = argv[1];
	const int n = 1000;
	std::thread second(helper);

	if (how == "new")
		heap<pair>(n, [](pair &p) -> pair & { return p; });
	else if (how == "aligned")
		heap<aligned>(n, [](aligned &a) -> pair & { return a.p; });
	else if (how == "big")
		heap<big>(n, [](big &b) -> pair & { return b.p; });
	else if (how == "malloc")
		in_malloc(n, 0);
	else if (how == "mmapped")
		in_malloc(n, 1 << 20);
	else if (how == "realloc")
		in_realloc(n);
	else if (how == "mmap")
		in_mmap(n);
	else if (how == "map")
		in_map(n);
	else if (how == "pool")
		in_pool(n);
	else if (how == "thread")
		in_thread_stack(n);
	else if (how == "stack")
		for (int i = 0; i < n; i++)
			i % 2 ? on_stack_b(i) : on_stack_a(i);
	else
		how = "?";
	printf("same %d\n", same);
	posted = &stop;
	second.join();
	if (how == "?")
		return 2;
	return 0;
}
