/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A booted machine for the tests of the Intel IOMMU driver: real VT-d units, PCIe functions and
 * memory under a kernel, and a way to run test code inside that kernel. It judges nothing but
 * leaks.
 */
#ifndef TESTS_KERNEL_SHIM_INTEL_MACHINE_H
#define TESTS_KERNEL_SHIM_INTEL_MACHINE_H

#include "gtest_c.h"
#include "kernel.h"
#include "pcie/pcie.h"
#include "vtd/vtd-fault.h"
#include "vtd/vtd.h"

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <uapi/linux/vfio_nesting.h>

#define INTEL_MACHINE_MAX 4

#define INTEL_RAM_BASE 0x100000000ULL
#define INTEL_RAM_SIZE (64ULL << 20)

/* Units: CAP and ECAP as boot logs give them, but for PASID, which no log shows set. */
#define CAP_SERVER 0x9ed008c40780466ULL /* 4 levels, 2 MiB and 1 GiB pages */
#define CAP_SERVER_5_LEVELS 0x19ed008c40780c66ULL
#define ECAP_SERVER (0x3ee9e86f050dfULL | 1ULL << 40)
#define CAP_BROADWELL 0x8d2078c106f0466ULL
#define ECAP_BROADWELL 0xf020dfULL
#define CAP_HASWELL_GRAPHICS 0xc0000020660462ULL /* 39 bits, 4-KiB pages only */
#define ECAP_HASWELL_GRAPHICS 0xf0101aULL /* neither pass-through nor snoop control */
#define CAP_QEMU 0x80d2008c222f06c6ULL /* caching mode */
#define ECAP_QEMU 0xf00f1aULL

/** One unit. */
struct intel_unit_config {
	u64 cap, ecap;
};

/** One device; source ids are 3a:00.0, 3a:01.0, ... unless given. */
struct intel_device_config {
	unsigned int unit;
	u16 source_id; /* 0: the usual one */
	bool pasid, ats;
	unsigned int pasid_width; /* 0: 20 */
	int group; /* 0: one of its own */
	bool identity;
};

struct intel_machine;

/** Called for each access to a register: may change what is read, or swallow a write (false). */
typedef bool (*intel_register_hook)(struct intel_machine *m, unsigned int unit, u32 offset,
				    bool write, u64 *value);

/** What a machine is made of. */
struct intel_platform {
	const char *variant; /* NULL: "mainline" */
	struct intel_unit_config units[INTEL_MACHINE_MAX];
	struct intel_device_config devices[INTEL_MACHINE_MAX];
	size_t unit_count, device_count;
	const char *parameters[4];
	intel_register_hook hook;
};

struct intel_machine {
	struct intel_platform platform;
	struct memory *memory;
	struct vtd_unit *units[INTEL_MACHINE_MAX];
	struct pcie_function *functions[INTEL_MACHINE_MAX];
	char names[INTEL_MACHINE_MAX][16];
	struct kernel_firmware_iommu iommus[INTEL_MACHINE_MAX];
	struct kernel_firmware_device devices[INTEL_MACHINE_MAX];
	struct kernel *kernel;
	char *boot_error;
	char log[1 << 16];
	size_t log_length;
	intel_register_hook hook;
	u64 relaxed; /* turns of polling loops */
	unsigned int hook_count; /* for hooks to count in */
	u64 held_back; /* and to keep a value in */
	const void *row; /* of a table of cases, for the body of a test */
};

/** One server unit with a device that has PASID and ATS. */
extern const struct intel_platform intel_platform_server;
/** The same for a variant. */
struct intel_platform intel_platform_server_of(const char *variant);
/** One unit with a plain device. */
struct intel_platform intel_platform_unit(u64 cap, u64 ecap);
/** Two units with a device each. */
struct intel_platform intel_platform_pair(struct intel_unit_config first,
					  struct intel_unit_config second);

/** Boots. kernel is NULL and boot_error set if that fails; the machine itself never is NULL. */
struct intel_machine *intel_machine_create(const struct intel_platform *platform);

/** Runs body inside the kernel; an oops is a failure of the test. */
void intel_machine_run(struct intel_machine *m, void (*body)(struct intel_machine *m));

/** Nothing may be in use any more; stops and frees all. */
void intel_machine_destroy(struct intel_machine *m);

/** Was there a line with this text since the log was emptied? */
bool intel_log_has(const struct intel_machine *m, const char *text);
void intel_log_clear(struct intel_machine *m);

/* ---- inside the kernel ---- */

struct device *intel_dev(struct intel_machine *m, unsigned int device);
struct iommu_domain *intel_new_domain(void);

/** Attaches the group of a device. 0 or -errno. */
int intel_attach(struct intel_machine *m, struct iommu_domain *domain, unsigned int device);
void intel_detach(struct intel_machine *m, struct iommu_domain *domain, unsigned int device);

/** One DMA of a device, as its unit translates it. */
struct translation_result intel_dma(struct intel_machine *m, unsigned int device,
				    enum access access, u64 address);
struct translation_result intel_dma_pasid(struct intel_machine *m, unsigned int device, u32 pasid,
					  enum access access, u64 address);

/** A register of a unit, read as the test sees it. */
u32 intel_register(struct intel_machine *m, unsigned int unit, u32 offset);
u64 intel_register64(struct intel_machine *m, unsigned int unit, u32 offset);

/** Contiguous RAM of 2^order pages; host-physical address. */
u64 intel_ram(unsigned int order);
void intel_ram_free(u64 address, unsigned int order);

/** A quadword of host-physical memory. */
u64 intel_peek(struct intel_machine *m, u64 address);
void intel_poke(struct intel_machine *m, u64 address, u64 value);

/**
 * TEST whose body runs inside the kernel of a machine of that platform (an expression); m is the
 * machine.
 */
#define INTEL_TEST(suite, rule, platform_)                                 \
	static void suite##__##rule##__body(struct intel_machine *m);      \
	TEST(suite, rule)                                                  \
	{                                                                  \
		struct intel_platform platform = platform_;                \
		struct intel_machine *m = intel_machine_create(&platform); \
                                                                           \
		intel_machine_run(m, suite##__##rule##__body);             \
		intel_machine_destroy(m);                                  \
	}                                                                  \
	static void suite##__##rule##__body(struct intel_machine *m __attribute__((unused)))

#endif
