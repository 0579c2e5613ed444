/* SPDX-License-Identifier: MIT */
/* expect: descriptor-leak warning */
/* C++: a stream is made with new for each report, and never deleted. */
#include <fstream>

static bool report(int n)
{
	auto *out = new std::ofstream("/dev/null");

	*out << "report " << n << std::endl;
	return out->good();
}

int main()
{
	int good = 0;

	for (int i = 0; i < 20; i++)
		good += report(i);
	return good != 20;
}
