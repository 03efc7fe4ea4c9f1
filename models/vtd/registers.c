/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register file: one table of name, place, access rules and what a write sets off, and the
 * dispatch of MMIO by it. What commands do is in command.c and queue.c.
 */
#include "unit.h"

#define ALL32 0xffffffffULL
#define ALL64 (~0ULL)

/* Capabilities without which a register does not exist. */
enum needs {
	ALWAYS,
	QUEUE,
	INTERRUPTS,
	PAGE_REQUESTS,
	PROTECTED_LOW,
	PROTECTED_HIGH,
	PROTECTED,
	VIRTUAL_COMMANDS
};

/* Where a register lies: at its offset, or that far behind what CAP.FRO or ECAP.IRO tell. */
enum place { FIXED, AT_FRO, AT_IRO };

/* clang-format off: a table */

/*
 * R(NAME, offset, size, place, needs, access, writable bits, write-1-to-clear bits, title, format,
 *   function called after a write)
 */
#define REGISTERS(R)                                                                               \
	R(VER, 0x00, 4, FIXED, ALWAYS, "RO", 0, 0, "Version", &vtd_ver_format, NULL)               \
	R(CAP, 0x08, 8, FIXED, ALWAYS, "RO", 0, 0, "Capability", &vtd_cap_format, NULL)            \
	R(ECAP, 0x10, 8, FIXED, ALWAYS, "RO", 0, 0, "Extended capability", &vtd_ecap_format, NULL) \
	R(GCMD, 0x18, 4, FIXED, ALWAYS, "WO", 0, 0, "Global command", &vtd_gcmd_format, gcmd)      \
	R(GSTS, 0x1c, 4, FIXED, ALWAYS, "RO", 0, 0, "Global status", &vtd_gsts_format, NULL)       \
	R(RTADDR, 0x20, 8, FIXED, ALWAYS, "RW", ~0x3ffULL, 0, "Root table address",                \
	  &vtd_rtaddr_format, NULL)                                                                \
	R(CCMD, 0x28, 8, FIXED, ALWAYS, "mixed", 0xe0000003ffffffffULL, 0, "Context command",      \
	  &vtd_ccmd_format, ccmd)                                                                  \
	R(FSTS, 0x34, 4, FIXED, ALWAYS, "mixed", 0, 0xf1, "Fault status", &vtd_fsts_format, fsts)  \
	R(FECTL, 0x38, 4, FIXED, ALWAYS, "mixed", 0x80000000, 0, "Fault event control",            \
	  &vtd_event_control_format, fectl)                                                        \
	R(FEDATA, 0x3c, 4, FIXED, ALWAYS, "RW", ALL32, 0, "Fault event data", NULL, NULL)          \
	R(FEADDR, 0x40, 4, FIXED, ALWAYS, "RW", ALL32 & ~3ULL, 0, "Fault event address", NULL,     \
	  NULL)                                                                                    \
	R(FEUADDR, 0x44, 4, FIXED, ALWAYS, "RW", ALL32, 0, "Fault event upper address", NULL,      \
	  NULL)                                                                                    \
	R(PMEN, 0x64, 4, FIXED, PROTECTED, "mixed", 0x80000000, 0, "Protected memory enable",      \
	  &vtd_pmen_format, pmen)                                                                  \
	R(PLMBASE, 0x68, 4, FIXED, PROTECTED_LOW, "RW", ALL32 & ~VTD_PROTECTED_BELOW, 0,           \
	  "Protected low-memory base", NULL, NULL)                                                 \
	R(PLMLIMIT, 0x6c, 4, FIXED, PROTECTED_LOW, "RW", ALL32 & ~VTD_PROTECTED_BELOW, 0,          \
	  "Protected low-memory limit", NULL, NULL)                                                \
	R(PHMBASE, 0x70, 8, FIXED, PROTECTED_HIGH, "RW", ~VTD_PROTECTED_BELOW, 0,                  \
	  "Protected high-memory base", NULL, NULL)                                                \
	R(PHMLIMIT, 0x78, 8, FIXED, PROTECTED_HIGH, "RW", ~VTD_PROTECTED_BELOW, 0,                 \
	  "Protected high-memory limit", NULL, NULL)                                               \
	R(IQH, 0x80, 8, FIXED, QUEUE, "RO", 0, 0, "Invalidation queue head",                       \
	  &vtd_iq_offset_format, NULL)                                                             \
	R(IQT, 0x88, 8, FIXED, QUEUE, "RW", 0x7fff0, 0, "Invalidation queue tail",                 \
	  &vtd_iq_offset_format, iqt)                                                              \
	R(IQA, 0x90, 8, FIXED, QUEUE, "RW", ~0x7f8ULL, 0, "Invalidation queue address",            \
	  &vtd_iqa_format, NULL)                                                                   \
	R(ICS, 0x9c, 4, FIXED, QUEUE, "RW1C", 0, 1, "Invalidation completion status",              \
	  &vtd_ics_format, ics)                                                                    \
	R(IECTL, 0xa0, 4, FIXED, QUEUE, "mixed", 0x80000000, 0, "Invalidation event control",      \
	  &vtd_event_control_format, iectl)                                                        \
	R(IEDATA, 0xa4, 4, FIXED, QUEUE, "RW", ALL32, 0, "Invalidation event data", NULL, NULL)    \
	R(IEADDR, 0xa8, 4, FIXED, QUEUE, "RW", ALL32 & ~3ULL, 0, "Invalidation event address",     \
	  NULL, NULL)                                                                              \
	R(IEUADDR, 0xac, 4, FIXED, QUEUE, "RW", ALL32, 0, "Invalidation event upper address",      \
	  NULL, NULL)                                                                              \
	R(IQERCD, 0xb0, 8, FIXED, QUEUE, "RO", 0, 0, "Invalidation queue error record",            \
	  &vtd_iqercd_format, NULL)                                                                \
	R(IRTA, 0xb8, 8, FIXED, INTERRUPTS, "RW", ~0x7f0ULL, 0,                                    \
	  "Interrupt remapping table address", &vtd_irta_format, NULL)                             \
	R(PQH, 0xc0, 8, FIXED, PAGE_REQUESTS, "RW", 0x7ffe0, 0, "Page request queue head",         \
	  &vtd_iq_offset_format, pqh)                                                              \
	R(PQT, 0xc8, 8, FIXED, PAGE_REQUESTS, "RW", 0x7ffe0, 0, "Page request queue tail",         \
	  &vtd_iq_offset_format, pqt)                                                              \
	R(PQA, 0xd0, 8, FIXED, PAGE_REQUESTS, "RW", ~0xff8ULL, 0, "Page request queue address",    \
	  &vtd_pqa_format, NULL)                                                                   \
	R(PRS, 0xdc, 4, FIXED, PAGE_REQUESTS, "RW1C", 0, 3, "Page request status",                 \
	  &vtd_prs_format, prs)                                                                    \
	R(PECTL, 0xe0, 4, FIXED, PAGE_REQUESTS, "mixed", 0x80000000, 0,                            \
	  "Page request event control", &vtd_event_control_format, pectl)                          \
	R(PEDATA, 0xe4, 4, FIXED, PAGE_REQUESTS, "RW", ALL32, 0, "Page request event data", NULL,  \
	  NULL)                                                                                    \
	R(PEADDR, 0xe8, 4, FIXED, PAGE_REQUESTS, "RW", ALL32 & ~3ULL, 0,                           \
	  "Page request event address", NULL, NULL)                                                \
	R(PEUADDR, 0xec, 4, FIXED, PAGE_REQUESTS, "RW", ALL32, 0,                                  \
	  "Page request event upper address", NULL, NULL)                                          \
	R(VCMD, 0xe00, 8, FIXED, VIRTUAL_COMMANDS, "RW", ~0xff00ULL, 0, "Virtual command",         \
	  &vtd_vcmd_format, vcmd)                                                                  \
	R(VCRSP, 0xe10, 8, FIXED, VIRTUAL_COMMANDS, "RO", 0, 0, "Virtual command response",        \
	  &vtd_vcrsp_format, NULL)                                                                 \
	R(VCCAP, 0xe30, 8, FIXED, VIRTUAL_COMMANDS, "RO", 0, 0, "Virtual command capability",      \
	  &vtd_vccap_format, NULL)                                                                 \
	R(IVA, 0, 8, AT_IRO, ALWAYS, "WO", ~0xf80ULL, 0, "Invalidate address", &vtd_iva_format,    \
	  NULL)                                                                                    \
	R(IOTLB, 8, 8, AT_IRO, ALWAYS, "mixed", 0xb003ffff00000000ULL, 0, "IOTLB invalidate",      \
	  &vtd_iotlb_format, iotlb)                                                                \
	R(FRCD, 0, 8, AT_FRO, ALWAYS, "RO", 0, 0, "Fault recording, bits 63:0", &vtd_frcd_format,  \
	  NULL)                                                                                    \
	R(FRCD_HIGH, 8, 8, AT_FRO, ALWAYS, "mixed", 0, 1ULL << 63, "Fault recording, bits 127:64", \
	  &vtd_frcd_format, frcd)

/* clang-format on */

/* --- what writes set off ----------------------------------------------------------------- */

static void gcmd(struct vtd_unit *unit, u64 value)
{
	vtd_global_command(unit, (u32)value);
}

static void ccmd(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_context_command(unit);
}

static void iotlb(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_iotlb_command(unit);
}

static void fsts(struct vtd_unit *unit, u64 value)
{
	vtd_fault_status_changed(unit);
	if (fsts_IQE(&value) || fsts_ITE(&value))
		vtd_queue_wake(unit);
}

static void frcd(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_fault_status_changed(unit);
}

static void fectl(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_event_unmasked(unit, VTD_FECTL);
}

static void iectl(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_event_unmasked(unit, VTD_IECTL);
}

/* Clearing IWC serves the event: nothing is left to be signalled. */
static void ics(struct vtd_unit *unit, u64 value)
{
	u32 control = vtd_register32(unit, VTD_IECTL);

	if (ics_IWC(&value))
		vtd_register32_set(unit, VTD_IECTL, control & (u32)~event_control_IP_bits());
}

static void prs(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_page_request_status_changed(unit);
}

static void pectl(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_event_unmasked(unit, VTD_PECTL);
}

static void iqt(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_queue_wake(unit);
}

static void pqh(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_page_request_offset_written(unit, VTD_PQH);
}

static void pqt(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_page_request_offset_written(unit, VTD_PQT);
}

static void vcmd(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_virtual_command(unit);
}

static void pmen(struct vtd_unit *unit, u64 value)
{
	(void)value;
	vtd_protection_changed(unit);
}

/* --- the table --------------------------------------------------------------------------- */

/* How a register behaves; struct vtd_register says what it is. */
struct rule {
	enum place place;
	enum needs needs;
	u64 writable, write_1_clears;
	void (*written)(struct vtd_unit *unit, u64 value);
};

#define PUBLIC_ROW(NAME, offset, size, place, needs, access, rw, rw1c, title, format, written) \
	{ #NAME, (place) == FIXED ? (offset) : 0, size, access, title, format },
#define RULE_ROW(NAME, offset, size, place, needs, access, rw, rw1c, title, format, written) \
	{ place, needs, rw, rw1c, written },
#define OFFSET_ROW(NAME, offset, size, place, needs, access, rw, rw1c, title, format, written) \
	offset,

static const struct vtd_register rows[] = { REGISTERS(PUBLIC_ROW) };
static const struct rule rules[] = { REGISTERS(RULE_ROW) };
static const u16 offsets[] = { REGISTERS(OFFSET_ROW) };

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

const struct vtd_register *vtd_registers(size_t *count)
{
	*count = ROW_COUNT;
	return rows;
}

/* --- storage ----------------------------------------------------------------------------- */

u32 vtd_register32(const struct vtd_unit *unit, unsigned int offset)
{
	return (u32)(unit->registers[offset / 8] >> (offset & 4) * 8);
}

void vtd_register32_set(struct vtd_unit *unit, unsigned int offset, u32 value)
{
	unsigned int shift = (offset & 4) * 8;
	u64 *word = &unit->registers[offset / 8];

	*word = (*word & ~(ALL32 << shift)) | (u64)value << shift;
}

static bool exists(const struct vtd_unit *unit, enum needs needs)
{
	u64 cap = unit->cap, ecap = unit->ecap;

	switch (needs) {
	case QUEUE:
		return ecap_QI(&ecap);
	case INTERRUPTS:
		return ecap_IR(&ecap);
	case PAGE_REQUESTS:
		return ecap_PRS(&ecap);
	case PROTECTED_LOW:
		return cap_PLMR(&cap);
	case PROTECTED_HIGH:
		return cap_PHMR(&cap);
	case VIRTUAL_COMMANDS:
		return ecap_VCS(&ecap);
	case PROTECTED:
		return cap_PLMR(&cap) || cap_PHMR(&cap);
	case ALWAYS:
	default:
		return true;
	}
}

/* Claims the place of one register; false if it lies outside the window or is taken. */
static bool place_register(struct vtd_unit *unit, size_t row, unsigned int offset)
{
	unsigned int i;

	if (offset + rows[row].size > VTD_MMIO_SIZE)
		return false;
	for (i = 0; i < rows[row].size / 4u; i++) {
		u8 *slot = &unit->register_row[offset / 4 + i];

		if (*slot)
			return false;
		*slot = (u8)(row + 1);
	}
	return true;
}

static bool place_row(struct vtd_unit *unit, size_t row)
{
	unsigned int i;

	switch (rules[row].place) {
	case AT_IRO:
		return place_register(unit, row, unit->iotlb_offset + offsets[row]);
	case AT_FRO:
		for (i = 0; i < unit->fault_records; i++)
			if (!place_register(unit, row, unit->fault_offset + i * 16 + offsets[row]))
				return false;
		return true;
	case FIXED:
	default:
		return !exists(unit, rules[row].needs) || place_register(unit, row, offsets[row]);
	}
}

/* Lays out the register file. False if CAP and ECAP put registers on top of each other. */
bool vtd_registers_init(struct vtd_unit *unit)
{
	size_t row;

	unit->fault_records = (unsigned int)cap_NFR(&unit->cap) + 1;
	unit->fault_offset = (unsigned int)cap_FRO(&unit->cap) * 16;
	unit->iotlb_offset = (unsigned int)ecap_IRO(&unit->ecap) * 16;
	for (row = 0; row < ROW_COUNT; row++)
		if (!place_row(unit, row))
			return false;
	vtd_register64_set(unit, VTD_CAP, unit->cap);
	vtd_register64_set(unit, VTD_ECAP, unit->ecap);
	vtd_register32_set(unit, VTD_FECTL, (u32)event_control_IM_bits());
	if (exists(unit, QUEUE))
		vtd_register32_set(unit, VTD_IECTL, (u32)event_control_IM_bits());
	if (exists(unit, PAGE_REQUESTS))
		vtd_register32_set(unit, VTD_PECTL, (u32)event_control_IM_bits());
	return true;
}

/* --- MMIO -------------------------------------------------------------------------------- */

/* The row of an access, or ROW_COUNT where there is no register or the access is not allowed. */
static size_t row_of_access(struct vtd_unit *unit, u32 offset, unsigned int size)
{
	const char *error = NULL;
	size_t row = ROW_COUNT;

	if ((size != 4 && size != 8) || offset % size || offset >= VTD_MMIO_SIZE)
		error = "an access of 4 or 8 bytes, aligned and within the window, was due";
	else if (!unit->register_row[offset / 4])
		error = "there is no register here";
	else if (rows[unit->register_row[offset / 4] - 1].size < size)
		error = "a 32-bit register was accessed with 64 bits";
	else
		row = unit->register_row[offset / 4] - 1u;
	if (error)
		vtd_software_error(unit, "register access", offset, error);
	return row;
}

static bool write_only(size_t row)
{
	return rows[row].access[0] == 'W';
}

u64 vtd_mmio_read(struct vtd_unit *unit, u32 offset, unsigned int size)
{
	size_t row = row_of_access(unit, offset, size);

	if (row == ROW_COUNT || write_only(row))
		return 0;
	return size == 8 ? vtd_register64(unit, offset) : vtd_register32(unit, offset);
}

/* Registers that may not change while what they describe is in use: such a write does nothing. */
static bool locked(struct vtd_unit *unit, u32 offset)
{
	u64 status = vtd_register32(unit, VTD_GSTS);
	bool region = offset >= VTD_PLMBASE && offset < VTD_PHMLIMIT + 8;

	if ((offset & ~4u) == VTD_IQA && gsts_QIES(&status))
		vtd_software_error(unit, "IQA", offset,
				   "the queue address cannot change while the queue is enabled");
	else if (region && unit->protecting)
		vtd_software_error(unit, "protected memory", offset,
				   "a protected region cannot change while it is in force");
	else
		return false;
	return true;
}

/* The bits that a register has, of its upper half if it is 128 bits wide. */
static u64 known_bits(size_t row, u32 offset)
{
	const struct format *format = rows[row].format;
	u64 known[2] = { 0 };
	size_t i;

	/* of what is all address or data, software may write any bits, to find those that are there */
	if (!format)
		return ~0ULL;
	for (i = 0; i < format->field_count; i++)
		format_field_set(&format->fields[i], known, ~0ULL);
	return known[format->bits == 128 && offset & 8];
}

/* What is wrong with a write that is carried out all the same, to the bits that take it. */
static void check_write(struct vtd_unit *unit, size_t row, u32 offset, u64 value)
{
	/* of the half that is written */
	u64 known = known_bits(row, offset) >> (rows[row].size == 8 ? (offset & 4) * 8 : 0);

	if (rows[row].access[0] == 'R' && rows[row].access[1] == 'O')
		vtd_software_error(unit, rows[row].name, offset, "the register is read-only");
	else if (value & ~known)
		vtd_software_error(unit, rows[row].name, offset, "reserved bits are written");
}

void vtd_mmio_write(struct vtd_unit *unit, u32 offset, unsigned int size, u64 value)
{
	size_t row = row_of_access(unit, offset, size);
	unsigned int shift = size == 4 ? (offset & 4) * 8 : 0;
	u64 writable, clears;
	u64 *word;

	if (row == ROW_COUNT || locked(unit, offset))
		return;
	word = &unit->registers[offset / 8];
	if (size == 4)
		value &= ALL32;
	check_write(unit, row, offset, value);
	/* the rules in place within the word, and of those the half that is written */
	writable = rules[row].writable << (rows[row].size == 4 ? shift : 0);
	clears = rules[row].write_1_clears << (rows[row].size == 4 ? shift : 0);
	if (size == 4)
		writable &= ALL32 << shift;
	*word &= ~(writable | (clears & value << shift));
	*word |= value << shift & writable;
	if (rules[row].written)
		rules[row].written(unit, value);
}
