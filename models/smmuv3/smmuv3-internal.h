/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this SMMU share: its state, a transaction on its way through it, and who does
 * what. Nothing outside models/smmuv3/ includes this.
 */
#ifndef MODELS_SMMUV3_SMMUV3_INTERNAL_H
#define MODELS_SMMUV3_SMMUV3_INTERNAL_H

#include "../cache.h"
#include "smmuv3-fields.h"
#include "smmuv3-format.h"
#include "smmuv3.h"

/* Registers in order of offset; smmuv3-registers.c has their table. */
enum smmuv3_reg {
	SMMUV3_REG_IDR0,
	SMMUV3_REG_IDR1,
	SMMUV3_REG_IDR2,
	SMMUV3_REG_IDR3,
	SMMUV3_REG_IDR4,
	SMMUV3_REG_IDR5,
	SMMUV3_REG_IIDR,
	SMMUV3_REG_AIDR,
	SMMUV3_REG_CR0,
	SMMUV3_REG_CR0ACK,
	SMMUV3_REG_CR1,
	SMMUV3_REG_CR2,
	SMMUV3_REG_GBPA,
	SMMUV3_REG_IRQ_CTRL,
	SMMUV3_REG_IRQ_CTRLACK,
	SMMUV3_REG_GERROR,
	SMMUV3_REG_GERRORN,
	SMMUV3_REG_GERROR_IRQ_CFG0,
	SMMUV3_REG_GERROR_IRQ_CFG1,
	SMMUV3_REG_GERROR_IRQ_CFG2,
	SMMUV3_REG_STRTAB_BASE,
	SMMUV3_REG_STRTAB_BASE_CFG,
	SMMUV3_REG_CMDQ_BASE,
	SMMUV3_REG_CMDQ_PROD,
	SMMUV3_REG_CMDQ_CONS,
	SMMUV3_REG_EVENTQ_BASE,
	SMMUV3_REG_EVENTQ_IRQ_CFG0,
	SMMUV3_REG_EVENTQ_IRQ_CFG1,
	SMMUV3_REG_EVENTQ_IRQ_CFG2,
	SMMUV3_REG_EVENTQ_PROD,
	SMMUV3_REG_EVENTQ_CONS,
	SMMUV3_REG_COUNT,
};

/** Largest command and event queue, log2 of entries: IDR1.CMDQS and EVENTQS, at their limit. */
#define SMMUV3_QUEUE_BITS 19

/** Event records that wait for the one being written. */
#define SMMUV3_PENDING_EVENTS 32

/** Quadwords of a structure, command and event record. */
#define SMMUV3_STRUCTURE_QWORDS 8
#define SMMUV3_COMMAND_QWORDS 2
#define SMMUV3_EVENT_QWORDS 4

/* STE.Config: bit 2 traffic passes, bit 1 stage 2, bit 0 stage 1 */
#define SMMUV3_CONFIG_PASS 4
#define SMMUV3_CONFIG_STAGE2 2
#define SMMUV3_CONFIG_STAGE1 1

/* STE.EATS */
#define SMMUV3_EATS_NONE 0
#define SMMUV3_EATS_FULL 1
#define SMMUV3_EATS_SPLIT 2

/** Bytes of an STE and of a CD. */
#define SMMUV3_STRUCTURE_BYTES (sizeof(u64) * SMMUV3_STRUCTURE_QWORDS)

/** Levels of a VMSAv8-64 walk are numbered 0 to 3. */
#define SMMUV3_LAST_LEVEL 3

struct smmuv3_event_record {
	u64 qwords[SMMUV3_EVENT_QWORDS];
};

struct smmuv3_counters {
	u64 transactions;
	u64 walks;
	u64 descriptor_reads; /* of translation tables */
	u64 ste_fetches, cd_fetches;
	u64 level1_fetches; /* of L1STDs and L1CDs */
	u64 faults;
	u64 translation_requests, translated_requests;
	u64 device_tlb_invalidations, device_tlb_timeouts;
	u64 commands;
	u64 events;
	u64 events_lost;
};

struct smmuv3 {
	struct smmuv3_config config;
	struct port port;
	u64 reg[SMMUV3_REG_COUNT];
	struct cache tlb; /* of struct smmuv3_mapping */
	unsigned int tlb_seen; /* kinds and sizes that were ever filled: what is worth probing */
	struct cache config_cache; /* of struct smmuv3_structure */
	bool cmdq_busy; /* commands are being consumed: whoever comes meanwhile leaves it to them */
	bool invalidation_timed_out; /* of a device TLB, and no CMD_SYNC has told it yet */
	bool eventq_busy; /* a record is being written: later ones wait in pending[] */
	struct smmuv3_event_record pending[SMMUV3_PENDING_EVENTS];
	unsigned int pending_first, pending_count;
	struct smmuv3_counters counters;
};

/** The tables of one stage, or of one half of stage 1. */
struct smmuv3_tables {
	u64 base; /* aligned */
	u8 granule_shift; /* 12, 14 or 16 */
	u8 input_bits;
	u8 output_bits;
	u8 start_level; /* 0 .. 3 */
	u8 block_level; /* the first that has blocks */
	bool wide; /* descriptors hold address bits 51:48 in their bits 15:12 */
	bool ignore_access_flag; /* AFFD */
};

/** What STE or CD say of tables, before it is known whether it is legal. */
struct smmuv3_table_fields {
	bool stage2;
	unsigned int granule_shift; /* 0: reserved value */
	u64 txsz;
	u64 address_size; /* IPS or S2PS, encoded */
	u64 base;
};

/** What a stream table entry says. */
struct smmuv3_stream {
	bool illegal;
	u8 config; /* STE.Config */
	u8 ats; /* EATS, if not ignored */
	u8 cd_format; /* S1Fmt */
	u8 cd_bits; /* effective S1CDMax */
	u8 default_substream; /* S1DSS */
	u16 vmid;
	bool record_stage2; /* S2R */
	u64 context_ptr;
	struct smmuv3_tables stage2;
};

/** What a context descriptor says. */
struct smmuv3_context {
	bool illegal;
	bool disabled[2]; /* EPD0, EPD1 */
	bool ignore_top_byte[2]; /* TBI0, TBI1 */
	bool write_execute_never; /* WXN */
	bool privileged_access_never; /* PAN */
	bool record; /* R */
	u16 asid;
	struct smmuv3_tables stage1[2]; /* TTB0, TTB1 */
};

/** An entry of the configuration cache. */
struct smmuv3_structure {
	union {
		struct smmuv3_stream stream;
		struct smmuv3_context context;
	};
};

/** What a TLB entry holds: a region that translates alike, through one or both stages. */
struct smmuv3_mapping {
	u64 input; /* start of the region: VA, or IPA without stage 1 */
	u64 ipa; /* where stage 1 maps the start; input without stage 1 */
	u64 output; /* where the start comes out */
	u16 vmid, asid;
	u8 shift; /* log2 of the region's bytes: of a page or block of any granule */
	u8 stage1_shift; /* of the stage-1 page or block the region lies in */
	bool stage1, stage2;
	bool global; /* stage 1: of all ASIDs */
	u8 permissions; /* stage 1: AP[2:1] with APTable applied */
	bool privileged_execute_never, unprivileged_execute_never;
	u8 stage2_rights; /* ORed enum access */
};

/** Why a stage-2 translation was needed: the CLASS of an event. */
enum smmuv3_class {
	SMMUV3_CLASS_CD = 0,
	SMMUV3_CLASS_TABLE = 1,
	SMMUV3_CLASS_INPUT = 2,
};

/** A fault before it is written as an event. */
struct smmuv3_fault {
	enum smmuv3_event event;
	bool stage2;
	enum smmuv3_class class;
	u64 address; /* IPA of a stage-2 fault, or the address whose fetch was aborted */
};

/** One request on its way. */
struct smmuv3_transaction {
	struct smmuv3 *smmu;
	const struct translation_request *request;
	struct smmuv3_stream stream;
	struct smmuv3_context context;
	bool stage1, stage2; /* stages that translate this transaction */
	u32 substream; /* index of the CD */
	u64 epoch; /* smmuv3_epoch() before the first read of memory */
	unsigned int table_reads;
	struct smmuv3_fault fault;
	bool walking; /* holds a walker */
	unsigned int walker; /* valid if walking */
};

/** A table entry to read. */
struct smmuv3_table_read {
	const char *what; /* "STE", "stage-1 descriptor" */
	hpa_t address;
	u64 table_gpa; /* valid if via_gpa */
	bool via_gpa;
	int level; /* as in struct port_event */
	size_t len; /* bytes */
};

/* smmuv3-registers.c */
void smmuv3_reset_registers(struct smmuv3 *smmu);
/**
 * Shows in CR0ACK what of CR0 is in effect: a queue that was disabled amid an access to it stops only
 * after that.
 */
void smmuv3_acknowledge(struct smmuv3 *smmu);
void smmuv3_software_error(struct smmuv3 *smmu, const char *what, const char *rule);
/** Makes a global error active that is not, and sends its interrupt. mask: one bit of GERROR. */
void smmuv3_global_error(struct smmuv3 *smmu, u64 mask);
bool smmuv3_global_error_active(const struct smmuv3 *smmu, u64 mask);
/** Sends the message that an IRQ_CFG0 register and its neighbour describe, if it has an address. */
void smmuv3_send_message(struct smmuv3 *smmu, enum smmuv3_reg irq_cfg0);

static inline bool smmuv3_enabled(const struct smmuv3 *smmu)
{
	return cr0_SMMUEN(&smmu->reg[SMMUV3_REG_CR0]);
}

/** Output address size in bits, IDR5.OAS. */
static inline unsigned int smmuv3_oas(const struct smmuv3 *smmu)
{
	return smmu->config.address_bits;
}

/** IDR5.OAS of a number of bits, or -1 if there is no such size. */
int smmuv3_oas_encoding(unsigned int bits);

/** Log2 of the entries of a queue: LOG2SIZE of its base register, up to what is implemented. */
static inline unsigned int smmuv3_queue_bits(const struct smmuv3 *smmu, enum smmuv3_reg base)
{
	u64 bits = queue_base_LOG2SIZE(&smmu->reg[base]);

	return bits > SMMUV3_QUEUE_BITS ? SMMUV3_QUEUE_BITS : (unsigned int)bits;
}

/* smmuv3-command.c */
/** To be called when commands may wait: consumes them, unless the port says that it is called for later. */
void smmuv3_wake_commands(struct smmuv3 *smmu);

/* smmuv3-event.c */
/** Writes the event of a faulting transaction, if its configuration wants it recorded. */
void smmuv3_record_fault(struct smmuv3_transaction *t);

/* smmuv3-stream.c and smmuv3-context.c: false with t->fault set */
bool smmuv3_fetch_stream(struct smmuv3_transaction *t);
bool smmuv3_fetch_context(struct smmuv3_transaction *t);

/* smmuv3-config.c */
/** Space of a configuration cache tag: STEs and CDs apart, CDs by StreamID. */
#define SMMUV3_SPACE_STE (1ULL << 62)
#define SMMUV3_SPACE_CD (1ULL << 61)

/** Copies the structure of that tag to *found if the configuration cache has it. */
bool smmuv3_config_lookup(struct smmuv3 *smmu, struct cache_tag tag,
			  struct smmuv3_structure *found);

/** Caches a structure, unless an invalidation has come since t->epoch. */
void smmuv3_config_fill(struct smmuv3_transaction *t, struct cache_tag tag,
			const struct smmuv3_structure *structure);

/** Which cached structures an invalidation command means. */
struct smmuv3_config_scope {
	u32 stream;
	unsigned int stream_bits; /* low bits of the StreamID that do not count, 0..32 */
	bool one_context; /* only the CD of that substream, */
	bool contexts; /* or all CDs, else STEs as well */
	u32 substream;
};

void smmuv3_invalidate_config(struct smmuv3 *smmu, const struct smmuv3_config_scope *scope);

/* smmuv3-tables.c */
/** Whether granule, sizes and base are what this implementation has; else STE or CD are illegal. */
bool smmuv3_tables_legal(const struct smmuv3 *smmu, const struct smmuv3_table_fields *fields);

/** Whether a stage-2 walk of legal fields may start at that level. */
bool smmuv3_stage2_starts_at(const struct smmuv3 *smmu, const struct smmuv3_table_fields *fields,
			     unsigned int level);

/** The level at which a stage-1 walk of legal fields starts. */
unsigned int smmuv3_stage1_start_level(const struct smmuv3_table_fields *fields);

/** Tables of legal fields; the caller adds what is of one stage alone. */
struct smmuv3_tables smmuv3_make_tables(const struct smmuv3 *smmu,
					const struct smmuv3_table_fields *fields,
					unsigned int start_level);

/** Log2 of what one entry of a level covers. */
static inline unsigned int smmuv3_level_shift(unsigned int granule_shift, unsigned int level)
{
	return granule_shift + (granule_shift - 3) * (SMMUV3_LAST_LEVEL - level);
}

/** Log2 of the smallest granule: the STU of device TLBs (3.9.1). */
unsigned int smmuv3_smallest_granule(const struct smmuv3 *smmu);

/* smmuv3-ats.c */
static inline bool smmuv3_asks(const struct smmuv3_transaction *t)
{
	return t->request->type == ADDRESS_TRANSLATION_REQUEST;
}

static inline bool smmuv3_translated(const struct smmuv3_transaction *t)
{
	return t->request->type == ADDRESS_TRANSLATED;
}

/** ORed rights of which one at least makes an access worth going on with: for a request, its own. */
static inline unsigned int smmuv3_wanted(const struct smmuv3_transaction *t)
{
	return smmuv3_asks(t) ? (unsigned int)(ACCESS_READ | ACCESS_WRITE)
			      : (unsigned int)t->request->access;
}

/** True if device TLBs of the stream hold what stage 1 gives, and stage 2 is passed later. */
bool smmuv3_split_stage(const struct smmuv3_transaction *t);

/** Whether an ATS transaction may pass as far as registers say; false with t->fault set. */
bool smmuv3_ats_enabled(struct smmuv3_transaction *t);

/** Whether the stream table entry permits ATS; false with t->fault set. */
bool smmuv3_ats_permitted(struct smmuv3_transaction *t);

/** A translated request that no stage looks at; false with t->fault set. */
bool smmuv3_pass_translated(struct smmuv3_transaction *t, struct translation_result *result);

/** Makes what a translation request found a completion. */
void smmuv3_complete(const struct smmuv3_transaction *t, struct translation_result *result);

/** How a translation request ends that met t->fault; result->fault tells what the function is told. */
void smmuv3_refuse(struct smmuv3_transaction *t, struct translation_result *result);

/** CMD_ATC_INV: sends it and waits; a time-out is noted for the next CMD_SYNC. */
void smmuv3_invalidate_device_tlb(struct smmuv3 *smmu, const u64 *command);

/* smmuv3-tlb.c */
/** What a TLB lookup is for. */
struct smmuv3_tlb_key {
	u64 input;
	u16 vmid, asid;
	bool stage1, stage2;
};

/** Copies the mapping of key->input to *mapping if the TLB has it. */
bool smmuv3_tlb_lookup(struct smmuv3 *smmu, const struct smmuv3_tlb_key *key,
		       struct smmuv3_mapping *mapping);

/** Puts a mapping into the TLB, unless an invalidation has come since epoch. */
void smmuv3_tlb_fill(struct smmuv3 *smmu, u64 epoch, const struct smmuv3_mapping *mapping);

enum smmuv3_tlb_stage { SMMUV3_TLB_ANY, SMMUV3_TLB_STAGE1, SMMUV3_TLB_STAGE2_ONLY };

/** Which TLB entries an invalidation command means. */
struct smmuv3_tlb_scope {
	enum smmuv3_tlb_stage stage;
	bool by_vmid, by_asid, by_address;
	bool spare_global; /* global entries have no ASID to match */
	u16 vmid, asid;
	u64 address; /* VA or IPA */
};

void smmuv3_tlb_invalidate(struct smmuv3 *smmu, const struct smmuv3_tlb_scope *scope);

/** Grows with every invalidation of either cache: see cache_epoch(). */
static inline u64 smmuv3_epoch(const struct smmuv3 *smmu)
{
	return cache_epoch(&smmu->tlb) + cache_epoch(&smmu->config_cache);
}

/* smmuv3-walk.c */
/** Reads a table entry through the port, counts and shows it. */
enum port_status smmuv3_read_table(struct smmuv3_transaction *t,
				   const struct smmuv3_table_read *read, u64 *entry);

/** Sets t->fault; always false, for the caller to return. */
bool smmuv3_fail(struct smmuv3_transaction *t, struct smmuv3_fault fault);

/**
 * Finds the mapping of a VA through stage 1, and through stage 2 where that translates too. The
 * access has then passed smmuv3_check_stage1().
 */
bool smmuv3_map_stage1(struct smmuv3_transaction *t, u64 address, struct smmuv3_mapping *mapping);

/** Finds the mapping of an IPA. An access of a class other than INPUT has then been permitted. */
bool smmuv3_map_stage2(struct smmuv3_transaction *t, u64 ipa, enum smmuv3_class class,
		       struct smmuv3_mapping *mapping);

/* smmuv3-permission.c */
/** What stage 1 grants the transaction's privilege: ORed enum access. */
unsigned int smmuv3_stage1_rights(const struct smmuv3_transaction *t,
				  const struct smmuv3_mapping *mapping);

/** Whether stage 1, or stage 2, permits the transaction's access; false with t->fault set. */
bool smmuv3_check_stage1(struct smmuv3_transaction *t, const struct smmuv3_mapping *mapping);
bool smmuv3_check_stage2(struct smmuv3_transaction *t, const struct smmuv3_mapping *mapping,
			 u64 input);

/* smmuv3-format.c */
extern const struct format smmuv3_ste_format, smmuv3_cd_format, smmuv3_stage1_format,
	smmuv3_l1std_format, smmuv3_l1cd_format, smmuv3_stage2_format, smmuv3_event_format,
	smmuv3_cmd_format, smmuv3_cmd_cfgi_format, smmuv3_cmd_cfgi_range_format,
	smmuv3_cmd_tlbi_format, smmuv3_cmd_atc_inv_format, smmuv3_cmd_sync_format,
	smmuv3_idr0_format, smmuv3_idr1_format, smmuv3_idr5_format, smmuv3_cr0_format,
	smmuv3_cr1_format, smmuv3_cr2_format, smmuv3_gbpa_format, smmuv3_irq_ctrl_format,
	smmuv3_gerror_format, smmuv3_strtab_base_format, smmuv3_strtab_base_cfg_format,
	smmuv3_queue_base_format, smmuv3_cmdq_prod_format, smmuv3_cmdq_cons_format,
	smmuv3_eventq_prod_format, smmuv3_eventq_cons_format, smmuv3_irq_cfg0_format,
	smmuv3_irq_cfg1_format, smmuv3_irq_cfg2_format;

#endif
