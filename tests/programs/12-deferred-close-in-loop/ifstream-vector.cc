/* SPDX-License-Identifier: MIT */
/* expect: deferred-close-in-loop warning */
/* C++: the streams live in a vector that goes out of scope when the function ends. */
#include "files.h"
#include <fstream>
#include <memory>
#include <vector>

static const int files = 160;

static long sum_streams()
{
	std::vector<std::unique_ptr<std::ifstream>> streams;
	long sum = 0, value = 0;
	char name[16];

	for (int i = 0; i < files; i++) {
		streams.push_back(std::make_unique<std::ifstream>(file_name(name, i)));
		*streams.back() >> value;
		die_unless(streams.back()->good(), name);
		sum += value;
	}
	return sum;
}

int main()
{
	limit_descriptors(1024);
	scratch_enter(files);
	long sum = sum_streams();
	scratch_leave();
	return sum != sum_below(files);
}
