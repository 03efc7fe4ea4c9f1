/* SPDX-License-Identifier: Apache-2.0 */
#include "plain_port.h"

static enum port_status on_read(void *ctx, hpa_t address, void *buf, size_t len)
{
	return memory_read(ctx, address, buf, len);
}

static enum port_status on_write(void *ctx, hpa_t address, const void *buf, size_t len)
{
	return memory_write(ctx, address, buf, len);
}

static enum port_status on_exchange(void *ctx, hpa_t address, u64 *expected, u64 desired)
{
	return memory_compare_exchange(ctx, address, expected, desired);
}

static void on_interrupt(void *ctx, u64 address, u32 data)
{
	(void)ctx;
	(void)address;
	(void)data;
}

static void on_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

struct port plain_port(struct memory *memory)
{
	static const struct port_ops ops = {
		.read = on_read,
		.write = on_write,
		.compare_exchange = on_exchange,
		.interrupt = on_interrupt,
		.spend = on_spend,
	};

	return (struct port){ .ops = &ops, .ctx = memory };
}
