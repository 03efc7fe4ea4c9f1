/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of all tests of the kernel: real memory, real units and PCIe functions as many as a
 * test adds (none: registers and configuration space are plain memory), a kernel on them, and ways
 * to run a test's code inside it. It judges nothing but what is left over.
 */
#ifndef TESTS_KERNEL_SHIM_RIG_H
#define TESTS_KERNEL_SHIM_RIG_H

#include <linux/iommu.h>
#include <linux/pci.h>

#include "gtest_c.h"
#include "kernel.h"
#include "pcie/bridge.h"
#include "smmuv3/smmuv3.h"
#include "vtd/vtd.h"

#define RIG_MAX 12 /* units, devices with bridges, parameters */
#define RIG_RAM_BASE 0x100000000ULL
#define RIG_RAM_SIZE (16ULL << 30)
#define RIG_REGISTERS 0xfed90000ULL /* host-physical address of the registers that are memory */

struct rig;

/**
 * Called for each access to a register: may change what is read, or swallow a write (false). unit
 * is RIG_MAX for the registers that are memory.
 */
typedef bool (*rig_hook)(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value);

/** Where a function sits. */
struct rig_slot {
	struct rig *rig;
	unsigned int device;
};

struct rig {
	/* What it is made of; a test may change it until it boots. */
	struct kernel_config config;
	const char *parameters[RIG_MAX + 1]; /* "vfio_iommu_type1.x=1", NULL-terminated */
	size_t unit_count, device_count;
	struct kernel_firmware_iommu iommus[RIG_MAX];
	struct vtd_config vtd_config[RIG_MAX];
	struct smmuv3_config smmu_config[RIG_MAX];
	struct kernel_firmware_device devices[RIG_MAX];
	struct pcie_function_config function_config[RIG_MAX];
	struct pcie_bridge_config
		bridge_config[RIG_MAX]; /* of a device that is a bridge: it has a secondary bus */
	/* What it is. */
	struct memory *memory;
	struct kernel *kernel;
	char *boot_error; /* why there is no kernel */
	char names[RIG_MAX][16];
	struct vtd_unit *vtd[RIG_MAX]; /* one of the two for each unit */
	struct smmuv3 *smmu[RIG_MAX];
	struct pcie_function *functions[RIG_MAX];
	struct pcie_bridge *bridges[RIG_MAX];
	struct pcie_bus *root_bus;
	struct rig_slot slots[RIG_MAX]; /* what the functions are in */
	u64 registers[512]; /* 4 KiB at RIG_REGISTERS; where nothing is, reads are all ones */
	u8 pci_config[4096]; /* of every function that was not added */
	u16 last_source_id; /* of the last access to pci_config */
	/* How it behaves; a test may change it at any time. */
	rig_hook hook; /* or NULL */
	void (*on_relax)(struct rig *rig); /* or NULL */
	bool deaf; /* interrupts do not reach the kernel */
	bool writes_fail; /* of the hardware, to memory */
	/* For the test's own code, where it runs inside the kernel or as a hook. */
	const void *param;
	unsigned int hook_count;
	u64 held_back;
	/* What has been seen. */
	unsigned int relaxed; /* turns of polling loops */
	char log[64 * 1024]; /* lines as far as they fit, each "<level>text\n" */
	size_t log_len;
};

/** A machine of memory alone and with a kernel of a variant. Nothing is booted yet. */
void rig_init(struct rig *rig, const char *variant);

/** Adds a VT-d unit; its index. */
unsigned int rig_add_vtd(struct rig *rig, u64 cap, u64 ecap);

/** Adds an SMMU of default shape; its index. */
unsigned int rig_add_smmu(struct rig *rig);

/** Adds a device with PASID capability; its index. group -1: one of its own. */
unsigned int rig_add_device(struct rig *rig, u16 source_id, unsigned int unit, int group);

/** Adds a bridge, after what is above it and before what is below; its index among the devices. */
unsigned int rig_add_bridge(struct rig *rig, struct pcie_bridge_config config, unsigned int unit);

/** One SMMU, within whose reach of 32 bits all memory is, and device 01:00.0; variant v1. */
void rig_init_smmu(struct rig *rig);

/** Creates the hardware and boots. False if the kernel does not; boot_error is set and logged. */
bool rig_try_boot(struct rig *rig);

/** The same, and a kernel that does not boot is a failure of the test. */
bool rig_boot(struct rig *rig);

/** Boots a mainline kernel on memory alone. */
void rig_start(struct rig *rig);

/** Frees all, in whatever state it is. Needed even if it does not boot. */
void rig_stop(struct rig *rig);

/** Ends all processes, expects that there was no oops and that nothing is in use, and stops. */
void rig_end(struct rig *rig);

/** Boots, runs body inside the kernel, expects 0 of it, and ends. */
void rig_test(struct rig *rig, long (*body)(struct rig *rig));

/** The same on memory alone, variant v1. */
void rig_test_empty(long (*body)(struct rig *rig), const void *param);

/** TEST whose body runs inside the kernel of the rig that setup (a statement) makes. */
#define RIG_TEST(suite, rule, setup)                           \
	static void suite##__##rule##__body(struct rig *rig);  \
	static long suite##__##rule##__inside(struct rig *rig) \
	{                                                      \
		suite##__##rule##__body(rig);                  \
		return 0;                                      \
	}                                                      \
	TEST(suite, rule)                                      \
	{                                                      \
		struct rig machine, *rig = &machine;           \
                                                               \
		setup;                                         \
		rig_test(rig, suite##__##rule##__inside);      \
	}                                                      \
	static void suite##__##rule##__body(struct rig *rig __attribute__((unused)))

/** Resources in use now. */
struct kernel_usage rig_usage(struct rig *rig);
void rig_expect_nothing_used(struct rig *rig);

/** Runs code inside the kernel, as its own thread; the result, -ENOTRECOVERABLE after an oops. */
long rig_run(struct rig *rig, long (*fn)(struct rig *rig));
long rig_call(struct rig *rig, long (*fn)(void *arg), void *arg);

/** The same as a process. */
long rig_call_as(struct task *task, long (*fn)(void *arg), void *arg);

/** Does the log hold this text since it was emptied? */
bool rig_logged(const struct rig *rig, const char *text);
void rig_log_clear(struct rig *rig);

/* ---- inside the kernel ---- */

/** The device of an index; its group, with a reference. */
struct device *rig_device(struct rig *rig, unsigned int index);
struct iommu_group *rig_group(struct rig *rig, unsigned int index);

/** A new unmanaged domain for devices behind units of the first one's kind. */
struct iommu_domain *rig_domain(struct rig *rig);

/** Attaches the group of a device. 0 or -errno. */
int rig_attach(struct rig *rig, struct iommu_domain *domain, unsigned int device);
void rig_detach(struct rig *rig, struct iommu_domain *domain, unsigned int device);

/** A new domain with device 0 in it, perhaps in nesting mode, and its group with a reference. */
struct iommu_domain *rig_attached_domain(struct rig *rig, bool nesting, struct iommu_group **group);
void rig_drop_domain(struct iommu_domain *domain, struct iommu_group *group);

/* ---- hardware ---- */

/** What an access of a device comes to at its unit, without and with a PASID. */
struct translation_result rig_translate(struct rig *rig, unsigned int device, u64 address,
					enum access access);
struct translation_result rig_translate_pasid(struct rig *rig, unsigned int device, u32 pasid,
					      u64 address, enum access access);

/** DMA of a device, through its function. */
struct dma_result rig_dma(struct rig *rig, unsigned int device, const struct dma_request *request,
			  void *buf);

/** Random numbers for a test (xorshift), from a seed other than 0 that a failure should show. */
static inline u64 rig_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
