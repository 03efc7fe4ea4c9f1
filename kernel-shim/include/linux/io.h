/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the hardware, and pauses while it works. */
#ifndef _SHIM_LINUX_IO_H
#define _SHIM_LINUX_IO_H

#include <linux/compiler.h>
#include <linux/mm.h>
#include <linux/types.h>

/** A register's place: give it to readl() and its kin, never dereference it. */
void __iomem *ioremap(phys_addr_t phys, size_t size);
void iounmap(void __iomem *addr);

u32 readl(const volatile void __iomem *addr);
u64 readq(const volatile void __iomem *addr);
void writel(u32 value, volatile void __iomem *addr);
void writeq(u64 value, volatile void __iomem *addr);

#define readl_relaxed(addr) readl(addr)
#define readq_relaxed(addr) readq(addr)
#define writel_relaxed(value, addr) writel(value, addr)
#define writeq_relaxed(value, addr) writeq(value, addr)

/**
 * Lets time pass in a polling loop. Too many turns without any write to the hardware are an endless
 * loop: the kernel oopses.
 */
void cpu_relax(void);

#endif
