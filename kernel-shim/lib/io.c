// SPDX-License-Identifier: Apache-2.0
/* Registers: the way to the machine's hardware, and a watch on loops that wait for it in vain. */
#include "state.h"

#include <linux/io.h>
#include <linux/kernel.h>

#define POLLS_MAX 1000000ULL /* turns without a write to the hardware */
#define POLLS_PER_ENTRY_MAX 200000000ULL /* in one system call */

void __iomem *ioremap(phys_addr_t phys, size_t size)
{
	(void)size;
	return (void __iomem *)(unsigned long)phys;
}

void iounmap(void __iomem *addr)
{
	(void)addr;
}

static u64 mmio_read(const volatile void __iomem *addr, unsigned int size)
{
	struct kernel *k = kernel_hardware_begin();
	const struct kernel_hardware_ops *hardware = &k->config.hardware;
	u64 value = hardware->mmio_read(hardware->ctx, (unsigned long)addr, size);

	kernel_hardware_end(k);
	return value;
}

static void mmio_write(u64 value, volatile void __iomem *addr, unsigned int size)
{
	struct kernel *k = kernel_hardware_begin();
	const struct kernel_hardware_ops *hardware = &k->config.hardware;

	/* whoever asks something new of the hardware may wait anew */
	k->polls = 0;
	hardware->mmio_write(hardware->ctx, (unsigned long)addr, size, value);
	kernel_hardware_end(k);
}

u32 readl(const volatile void __iomem *addr)
{
	return (u32)mmio_read(addr, sizeof(u32));
}

u64 readq(const volatile void __iomem *addr)
{
	return mmio_read(addr, sizeof(u64));
}

void writel(u32 value, volatile void __iomem *addr)
{
	mmio_write(value, addr, sizeof(u32));
}

void writeq(u64 value, volatile void __iomem *addr)
{
	mmio_write(value, addr, sizeof(u64));
}

void kernel_count_poll(const char *what)
{
	struct kernel *k = kernel_current();

	k->polls++;
	k->polls_since_entry++;
	if (k->polls > kernel_parameter("kernel.poll_limit", POLLS_MAX) ||
	    k->polls_since_entry > POLLS_PER_ENTRY_MAX)
		kernel_bug(KERNEL_SITE, "%s", what);
}
