/* SPDX-License-Identifier: Apache-2.0 */
/* What interrupt handlers return. Vectors are handed out by kernel_irq_alloc() in lib/context.h. */
#ifndef _SHIM_LINUX_INTERRUPT_H
#define _SHIM_LINUX_INTERRUPT_H

#include <linux/types.h>

typedef enum irqreturn {
	IRQ_NONE,
	IRQ_HANDLED,
	IRQ_WAKE_THREAD,
} irqreturn_t;

/** True inside an interrupt handler. */
bool in_interrupt(void);

#define local_irq_save(flags) ((void)((flags) = 0))
#define local_irq_restore(flags) ((void)(flags))

#endif
