/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port: where a function is not there, no time exists and all is at hand; where it is, it is asked.
 */
#include "ats.h"
#include "gtest_c.h"
#include "port.h"
#include "pri.h"

/* What was asked, in order. */
struct asked {
	char what[16];
	unsigned int count;
};

static void note(void *ctx, char what)
{
	struct asked *asked = ctx;

	asked->what[asked->count++] = what;
}

static void on_lookup(void *ctx, enum port_lookup which, unsigned int cycles)
{
	(void)which;
	(void)cycles;
	note(ctx, 'l');
}

static unsigned int on_take_walker(void *ctx)
{
	note(ctx, 't');
	return 3;
}

static void on_give_walker(void *ctx, unsigned int walker)
{
	EXPECT_EQ(walker, 3u);
	note(ctx, 'g');
}

static bool on_page_miss(void *ctx, struct port_page page)
{
	EXPECT_EQ(page.number, 7u);
	note(ctx, 'm');
	return false;
}

static void on_page_done(void *ctx, struct port_page page)
{
	(void)page;
	note(ctx, 'd');
}

static bool on_queue_work(void *ctx)
{
	note(ctx, 'q');
	return true;
}

static void on_drain(void *ctx)
{
	note(ctx, 'r');
}

static bool on_invalidate_device_tlb(void *ctx, const struct ats_invalidation *invalidation)
{
	(void)invalidation;
	note(ctx, 'i');
	return false;
}

static void on_respond_page_group(void *ctx, const struct page_group_response *response)
{
	(void)response;
	note(ctx, 'p');
}

static void on_observe(void *ctx, const struct port_event *event)
{
	(void)event;
	note(ctx, 'o');
}

TEST(port, where_no_time_exists_all_is_at_hand)
{
	static const struct port_ops ops;
	const struct port port = { .ops = &ops };
	const struct ats_invalidation invalidation = { .source_id = 1 };
	const struct page_group_response response = { .source_id = 1 };
	const struct port_event event = { .what = "nothing" };

	port_lookup(&port, PORT_LOOKUP_IOTLB, 1);
	EXPECT_EQ(port_take_walker(&port), 0u);
	port_give_walker(&port, 0);
	EXPECT_TRUE(port_page_miss(&port, (struct port_page){ 7, 0 }));
	port_page_done(&port, (struct port_page){ 7, 0 });
	EXPECT_FALSE(port_queue_work(&port));
	port_drain(&port);
	EXPECT_TRUE(port_invalidate_device_tlb(&port, &invalidation));
	port_respond_page_group(&port, &response);
	EXPECT_FALSE(port_observed(&port));
	port_observe(&port, &event);
}

TEST(port, where_time_exists_its_functions_are_asked)
{
	static const struct port_ops ops = {
		.lookup = on_lookup,
		.take_walker = on_take_walker,
		.give_walker = on_give_walker,
		.page_miss = on_page_miss,
		.page_done = on_page_done,
		.queue_work = on_queue_work,
		.drain = on_drain,
		.invalidate_device_tlb = on_invalidate_device_tlb,
		.respond_page_group = on_respond_page_group,
		.observe = on_observe,
	};
	struct asked asked = { .count = 0 };
	const struct port port = { .ops = &ops, .ctx = &asked };
	const struct ats_invalidation invalidation = { .source_id = 1 };
	const struct page_group_response response = { .source_id = 1 };
	const struct port_event event = { .what = "nothing" };

	/* a lookup without cycles takes no time: nobody is asked */
	port_lookup(&port, PORT_LOOKUP_IOTLB, 0);
	port_lookup(&port, PORT_LOOKUP_IOTLB, 1);
	port_give_walker(&port, port_take_walker(&port));
	EXPECT_FALSE(port_page_miss(&port, (struct port_page){ 7, 0 }));
	port_page_done(&port, (struct port_page){ 7, 0 });
	EXPECT_TRUE(port_queue_work(&port));
	port_drain(&port);
	EXPECT_FALSE(port_invalidate_device_tlb(&port, &invalidation));
	port_respond_page_group(&port, &response);
	EXPECT_TRUE(port_observed(&port));
	port_observe(&port, &event);
	EXPECT_STREQ(asked.what, "ltgmdqripo");
}
