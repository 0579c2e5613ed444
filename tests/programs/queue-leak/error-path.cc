/* SPDX-License-Identifier: MIT */
/* expect: queue-leak warning */
/* C++: an exception leaves past the close. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

static const std::string name = "/pitfall-error-path-" + std::to_string(getpid());

static void take_order(bool wanted)
{
	mqd_t q = mq_open(name.c_str(), O_RDWR | O_NONBLOCK);
	char word[8];

	if (q < 0)
		throw std::logic_error("no queue");
	mq_send(q, wanted ? "bread" : "stone", 5, 0);
	mq_receive(q, word, sizeof(word), nullptr);
	if (word[0] != 'b')
		throw std::runtime_error("nobody wants that");
	mq_close(q);
}

int main()
{
	struct mq_attr a = {};
	int refused = 0;
	mqd_t q;

	a.mq_maxmsg = 2;
	a.mq_msgsize = 8;
	q = mq_open(name.c_str(), O_RDWR | O_CREAT, 0600, &a);
	if (q < 0)
		return 2;
	for (int i = 0; i < 30; i++) {
		try {
			take_order(i % 3);
		} catch (const std::runtime_error &) {
			refused++;
		}
	}
	mq_close(q);
	mq_unlink(name.c_str());
	return refused != 10;
}
