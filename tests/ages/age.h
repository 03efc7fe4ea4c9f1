/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file that is written as type1 of some age is given, and how it says what went wrong.
 * Such a file is compiled as those of a kernel tree are, with the tree's LINUX_VERSION_CODE.
 */
#ifndef TESTS_AGES_AGE_H
#define TESTS_AGES_AGE_H

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched.h>

#define AGE_PAGES 4UL

struct age_run {
	struct device *dev; /* behind a VT-d unit, alone in its group */
	struct iommu_group *group;
	unsigned long vaddr; /* AGE_PAGES pages of 4 KiB of the current process */
};

/* The line that found something wrong is the function's result. */
#define AGE_CHECK(condition)             \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)

/* Each is run as a process, and says 0 or a line. */
long age_v5_6(struct age_run *run);
long age_v5_8(struct age_run *run);
long age_v5_13(struct age_run *run);
long age_v5_15(struct age_run *run);
long age_v6_1(struct age_run *run);
long age_v6_3(struct age_run *run);
long age_v6_5(struct age_run *run);
long age_v6_12(struct age_run *run);
long age_v6_17(struct age_run *run);
long age_v7_0(struct age_run *run);
long series_v1(struct age_run *run);
long series_v7(struct age_run *run);

/** What is not modelled ends the kernel. */
long age_aux_attach(struct age_run *run);
long age_device_add(struct age_run *run);
long age_device_del(struct age_run *run);

#endif
