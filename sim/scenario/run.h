/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario being run: the machine, the actors' belongings, and what the oracle knows. Private to
 * sim/scenario/.
 */
#ifndef SIM_SCENARIO_RUN_H
#define SIM_SCENARIO_RUN_H

#include "format.h"
#include "scenario.h"
#include "step.h"

/* ---- what the VMM has ---- */

/** A mmap of a VMM process; guest memory if has_gpa. */
struct region {
	char *name;
	struct process *process;
	u64 address, size, page_size; /* bytes */
	bool has_gpa;
	u64 gpa;
};

/** A VMM process. */
struct process {
	char *name;
	struct task *task;
	u64 scratch; /* user address of SCRATCH_SIZE bytes for ioctl arguments */
};

#define SCRATCH_SIZE (1u << 20)

/** What the VMM was told of nesting by GET_INFO and now relies on. */
struct held_info {
	bool held;
	bool contradicted; /* told once */
	u32 format;
	bool has_registers; /* v7 */
	u64 cap, ecap;
	unsigned int addr_width, pasid_bits;
};

struct virtual_iommu;

/** A mapping that the VMM made with success, by the container's IOVA. */
struct dma_mapping {
	u64 iova, size, vaddr; /* bytes; vaddr in the container's process */
	bool read, write;
};

/** A first-stage table that the VMM bound with success. */
struct binding {
	u32 pasid;
	u64 gpgd; /* guest-physical address of the top level */
	unsigned int levels; /* 4 or 5 */
	bool supervisor; /* SRE */
	bool no_huge_pages; /* 1-GiB pages are not offered */
};

/** Kinds of things a VMM opens. */
enum opened_kind { OPENED_CONTAINER, OPENED_GROUP, OPENED_DEVICE };

/** A file the VMM has open, by the name the scenario gives it. */
struct opened {
	char *name; /* container name, group number, or device BDF */
	enum opened_kind kind;
	struct process *process;
	int fd; /* -1: closed */
	int group; /* OPENED_GROUP */
	struct opened *container; /* OPENED_GROUP: what it was put into, or NULL */
	/* OPENED_CONTAINER: */
	bool iommu_set;
	struct held_info info;
	struct dma_mapping *mappings;
	size_t mapping_count;
	struct binding *bindings;
	size_t binding_count;
};

/* ---- what the guest has ---- */

/** A first-stage table in guest memory. */
struct guest_table {
	char *name;
	unsigned int levels; /* 4 or 5 */
	u64 root; /* guest-physical */
};

/** A run. Saved results live in it by their names. */
struct run {
	const struct scenario *scenario;
	const struct platform *platform;
	const struct scenario_run_options *options;
	const char *kernel_name;
	const char *behaviour; /* the variant built in that the kernel is like */
	struct machine *machine;
	struct kernel *kernel;
	struct run_result *result;
	struct saves saved;
	struct process **processes;
	size_t process_count;
	struct region *regions;
	size_t region_count;
	struct opened **opened; /* pointers stay valid */
	size_t opened_count;
	struct guest_table *tables;
	size_t table_count;
	struct guest_smmu *smmu; /* what it has behind an SMMU; NULL: nothing ever */
	struct virtual_iommu **viommus; /* pointers stay valid */
	size_t viommu_count;
	struct traffic **traffic; /* by device, while in the background; NULL: none ever */
	u64 guest_pages_end; /* guest-physical end of what the guest has not yet used for tables */
	u64 random; /* state of the run's random numbers */
	u64 work; /* asked for so far, see run_work() */
	struct opened *info_at_stake; /* container that the step told info of, or gave a group */
	/* what the running step adds to the outcome */
	enum outcome step_outcome;
	char *step_why;
	char *step_log; /* what the kernel prints meanwhile */
	size_t step_log_len;
};

/* run.c */

/** Makes the running step at least this bad, and keeps the sentence of the worst. */
void run_outcome(struct run *run, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Marks the step as not runnable (verdict error) with a sentence. */
void step_fail(struct step_out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Notes a DMA fault for the report. */
void run_fault(struct run *run, size_t device, const struct dma_request *request,
	       const struct dma_result *dma);

/*
 * What one run may ask for in all, in pages of 4 KiB that are mapped: 64 GiB, some seconds. Moving
 * RUN_WORK_BYTES counts as much as one of them.
 */
#define RUN_WORK_MAX (1ULL << 24)
#define RUN_WORK_BYTES 64u

/** Takes work from what the run may ask for; false with a failed step if too little is left. */
bool run_work(struct run *run, u64 work, struct step_out *out);

/** Next number of the run's own seeded generator (xorshift64*). */
u64 run_random(struct run *run);

/** Memory that must be there: aborts the program with a message when the host has none. */
void *xgrow(void *array, size_t count, size_t size);
char *xstrdup(const char *text);

/* belongings.c */

/** The process of that name, started at first use. */
struct process *run_process(struct run *run, const char *name);

/** The open file of that name; NULL with a failed step if there is none. */
struct opened *run_opened(struct run *run, const char *name, struct step_out *out);

/** Adds an open file. */
struct opened *run_add_opened(struct run *run, const char *name, enum opened_kind kind,
			      struct process *process, int fd);

/** The region of that name, or NULL. */
struct region *run_region(struct run *run, const char *name);

/** A user address argument: a number, NAME or NAME+OFFSET; false with a failed step. */
bool run_user_address(struct run *run, const struct arg *arg, u64 *address, struct step_out *out);

/** Where a guest-physical address lies in a VMM process, or NULL. */
struct region *run_guest_region(struct run *run, u64 gpa, size_t len);

/** The guest's processor reads or writes guest-physical memory. False if no memory is there. */
bool run_guest_read(struct run *run, u64 gpa, void *buf, size_t len);
bool run_guest_write(struct run *run, u64 gpa, const void *buf, size_t len);

/** The containers' view: group of a device, container it is attached to by a set IOMMU, or NULL. */
struct opened *run_device_container(struct run *run, size_t device);

/** The IOMMU group number of a platform's device as the kernel numbered it. */
int run_device_group(struct run *run, size_t device);

/** Frees all that the actors own. */
void run_belongings_clear(struct run *run);

/* statistics.c */

/** Puts how long things took, and how counters grew, into the result; nothing where there is no time. */
void run_statistics(struct run *run);

/** Times of a histogram in ns: min, mean, p50, p95, p99, p999, max. A new reference. */
json_t *run_latency(const struct histogram *times);

/* device.c */

/** By enum dma_status, ended by NULL. */
extern const char *const dma_status_names[];

/* device-traffic.c */

/** Waits for traffic in the background and forgets it. */
void run_traffic_clear(struct run *run);

/* guest.c */

/** The guest's table of that name, or NULL. */
struct guest_table *run_table(struct run *run, const char *name);

/* guest-smmu.c and host-smmu.c: rows of the actors' tables */
extern const struct op op_stage1_table, op_stage1_map, op_cd_table, op_cd;
extern const struct op op_attach_cd_table, op_detach_cd_table, op_invalidate_stage1;

/** After a group left its container: forgets the guest's table of CDs in a domain that is no more. */
void guest_smmu_group_left(struct run *run);

/** Forgets what the guest has behind an SMMU. */
void guest_smmu_clear(struct run *run);

/** The table that the argument `table` names; NULL with a failed step if there is none. */
struct guest_table *run_table_arg(struct run *run, const struct step *step, struct step_out *out);

/* hardware.c */

/** The registers of a VT-d unit, some of which lie where its capabilities say. */
struct unit_registers {
	u64 (*read64)(void *ctx, u32 offset);
	void *ctx;
};

/** The arguments `register` and `size`: offset and bytes (4 or 8). False with a failed step. */
bool run_register_arg(const struct step *step, const struct unit_registers *unit, u32 *offset,
		      unsigned int *size, struct step_out *out);

/* entry-fields.c */

/** An entry's fields by name. */
json_t *entry_to_json(const struct format *format, const u64 *data);

/** Sets the fields of an ARG_FIELDS argument (NULL: none); false with a failed step for an unknown one. */
bool entry_set_fields(const struct format *format, const struct arg *fields, u64 *data,
		      struct step_out *out);

/* hw-tables.c: what the hardware's tables say, read through memory without side effects */

/** A table entry that was found. */
struct hw_entry {
	const char *format; /* name for vtd_format() */
	hpa_t address;
	u64 data[8];
	size_t quadwords;
};

/** Entries that hw_find() knows. */
enum hw_entry_kind { HW_ROOT, HW_CONTEXT, HW_PASID_DIRECTORY, HW_PASID_ENTRY };

/** Whose requests are asked about. */
struct hw_requester {
	size_t device; /* index in the platform */
	u32 pasid; /* 0 stands for requests without one */
};

/**
 * Finds an entry for a device behind VT-d in the tables that the unit uses now. False if an entry
 * on the way is not present (or the device is not behind VT-d).
 */
bool hw_find(struct run *run, struct hw_requester who, enum hw_entry_kind kind,
	     struct hw_entry *out);

/**
 * Finds the second-stage entry for an address below a table; level 1 is the leaf of 4 KiB pages; 0:
 * the leaf wherever it is. False if an entry on the way is not present.
 */
bool hw_find_second_stage(struct run *run, struct hw_requester who, u64 address, unsigned int level,
			  struct hw_entry *out);

/** Finds the remapping entry of that index in the device's unit. False if its table is not that large. */
bool hw_find_interrupt(struct run *run, size_t device, u64 index, struct hw_entry *out);

/** Writes an entry back. */
void hw_store(struct run *run, const struct hw_entry *entry);

/* oracle.c */

/** A first-stage entry in memory that the VMM mapped read-only. */
struct read_only_entry {
	u64 gpa;
	hpa_t at;
	u64 value; /* before the DMA */
};

/** What a DMA has to do if the tables of VMM and guest are honoured. */
struct oracle_answer {
	bool known; /* false: the oracle has no claim on this device */
	bool allowed; /* else it must fault */
	hpa_t address; /* if allowed */
	struct read_only_entry read_only[5]; /* that it reads, and may not alter */
	unsigned int read_only_count;
};

/** Answers for one DMA part that does not cross a 4-KiB page. */
void oracle_dma(struct run *run, size_t device, const struct dma_request *request,
		struct oracle_answer *answer);

/** Compares a DMA part with the answer and adds to the outcome. */
void oracle_judge_dma(struct run *run, size_t device, const struct oracle_answer *answer,
		      const struct dma_request *request, const struct dma_result *dma);

/** After a bind or unbind that reported success: does the hardware of every device agree? */
void oracle_judge_bind(struct run *run, const struct opened *container, u32 pasid, u64 gpgd,
		       bool bound);

/**
 * Before an invalidation: how many descriptors each unit has processed so far. One number for each IOMMU of the
 * platform; the caller frees them. NULL: no memory.
 */
u64 *oracle_descriptors(struct run *run);

/**
 * After an invalidation that reported success: were the units of the container's devices told? before: as of
 * oracle_descriptors(). caches: enum iommu_cache_inv_type bits, what was to be invalidated.
 */
void oracle_judge_invalidation(struct run *run, const struct opened *container, const u64 *before,
			       u64 caches);

/** After every step: is the nesting info that the VMM holds still true, if it is at stake? */
void oracle_judge_info(struct run *run);

/* vmm-viommu.c */

/** Frees the virtual units. */
void run_viommus_clear(struct run *run);

/* vmm-*.c: what the VMM's calls leave behind, for oracle and later steps */
void vmm_forget_group(struct run *run, struct opened *group);

/** Calls ioctl with a struct in the process' scratch memory, copied back afterwards. The system call's value. */
long vmm_ioctl(struct run *run, const struct opened *file, unsigned int cmd, void *data,
	       size_t len);

/** True where the kernel variant speaks version 7 of the series' ABI. */
bool vmm_abi_v7(const struct run *run);

#endif
