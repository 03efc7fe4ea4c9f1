/* SPDX-License-Identifier: Apache-2.0 */
/* An SMMU: any register accesses and commands, bytes as its tables, and requests through them. */
#include "fuzz.h"
#include "smmuv3/smmuv3.h"

enum operation {
	WRITE_REGISTER = FUZZ_OPERATIONS,
	READ_REGISTER,
	COMMAND,
	REQUEST,
	EVICT,
	OPERATIONS,
};

/* Registers, SMMUv3 architecture chapter 6 */
#define CR0 0x20
#define STRTAB_BASE 0x80
#define STRTAB_BASE_CFG 0x88
#define CMDQ_BASE 0x90
#define CMDQ_PROD 0x98
#define EVENTQ_BASE 0xa0

#define QUEUE_PAGE 1
#define EVENT_PAGE 2
#define CD_PAGE 3
#define TABLE_PAGE 8
#define QUEUE_LOG2 4 /* commands */

struct state {
	struct fuzz_world world;
	struct fuzz_input *in;
	struct smmuv3 *smmu;
};

/* Takes the offset of a register: of page 0, or of the few of page 1. */
static u32 take_offset(struct fuzz_input *in)
{
	u32 offset = (u32)fuzz_take(in, 2);

	return offset & 0x8000 ? 0x10000 + (offset & 0xff) : offset & 0xfff;
}

static void command(struct state *s)
{
	u64 base = smmuv3_mmio_read(s->smmu, CMDQ_BASE, 8);
	u32 prod = (u32)smmuv3_mmio_read(s->smmu, CMDQ_PROD, 4);
	unsigned int log2 = (unsigned int)base & 0x1f;
	u64 mask = log2 < 20 ? (1ULL << log2) - 1 : 0xfffff;
	u64 words[2] = { fuzz_take(s->in, 8), fuzz_take(s->in, 8) };

	memory_write(s->world.memory, hpa((base & 0xfffffffffffe0ULL) + (prod & mask) * 16), words,
		     sizeof(words));
	smmuv3_mmio_write(s->smmu, CMDQ_PROD, 4, (prod + 1) & (mask << 1 | 1));
}

static void request(struct state *s)
{
	const struct translation_request asked = fuzz_request(s->in);
	struct translation_result result;

	smmuv3_translate(s->smmu, &asked, &result);
	fuzz_check_result(&asked, &result);
}

static void operate(void *arg)
{
	struct state *s = arg;
	unsigned int operation = (unsigned int)fuzz_take(s->in, 1) % OPERATIONS, size;
	u32 offset;

	if (fuzz_operate(&s->world, s->in, operation))
		return;
	switch ((enum operation)operation) {
	case WRITE_REGISTER:
		offset = take_offset(s->in);
		size = (unsigned int)fuzz_take(s->in, 1) % 10;
		smmuv3_mmio_write(s->smmu, offset, size, fuzz_take(s->in, 8));
		break;
	case READ_REGISTER:
		offset = take_offset(s->in);
		smmuv3_mmio_read(s->smmu, offset, (unsigned int)fuzz_take(s->in, 1) % 10);
		break;
	case COMMAND:
		command(s);
		break;
	case REQUEST:
		request(s);
		break;
	case EVICT:
	default:
		smmuv3_evict_all(s->smmu);
		break;
	}
}

static struct smmuv3_config take_config(struct fuzz_input *in)
{
	unsigned int kind = (unsigned int)fuzz_take(in, 1);
	struct smmuv3_config config;

	smmuv3_config_init(&config);
	config.stage1 = !(kind & 1);
	config.stage2 = !(kind & 2);
	config.asid16 = !(kind & 4);
	config.substream_bits = (unsigned int)fuzz_take(in, 1) % 22;
	config.stream_bits = (unsigned int)fuzz_take(in, 1) % 34;
	config.address_bits = (unsigned int)fuzz_take(in, 1) % 54;
	config.vmid16 = !(kind & 8);
	config.ats = !(kind & 16);
	config.split_stage_ats = kind & 32;
	config.two_level_stream = !(kind & 64);
	config.two_level_cd = !(kind & 128);
	config.granules = 7 - (unsigned int)fuzz_take(in, 1) % 7;
	return config;
}

static void run(struct fuzz_input *in)
{
	const struct smmuv3_config config = take_config(in);
	struct state s = { .in = in };

	fuzz_world_init(&s.world, operate, &s);
	s.smmu = smmuv3_create(&config, &s.world.port);
	while (s.smmu && in->size)
		operate(&s);
	smmuv3_destroy(s.smmu);
	fuzz_world_clear(&s.world);
}

/* --- seeds ------------------------------------------------------------------------------- */

static void put_register(struct fuzz_seed *seed, u32 offset, unsigned int size, u64 value)
{
	fuzz_put(seed, WRITE_REGISTER, 1);
	fuzz_put(seed, offset, 2);
	fuzz_put(seed, size, 1);
	fuzz_put(seed, value, 8);
}

static void put_command(struct fuzz_seed *seed, u64 low, u64 high)
{
	fuzz_put(seed, COMMAND, 1);
	fuzz_put(seed, low, 8);
	fuzz_put(seed, high, 8);
}

/* Stream 0 with stage 1, stage 2 or both (Config 5, 6, 7); tables of four levels for address 0x203000. */
static void put_tables(struct fuzz_seed *seed, u64 config)
{
	const u64 table = TABLE_PAGE << 12;

	fuzz_put_store(seed, 0, 1 | config << 1 | (config & 1 ? CD_PAGE << 12 : 0));
	fuzz_put_store(seed, 8, 1ULL << 44);
	/* S2T0SZ 16, S2SL0 2, S2PS 5, S2AA64, S2R; then S2TTB */
	fuzz_put_store(seed, 16, 16ULL << 32 | 2ULL << 38 | 5ULL << 48 | 1ULL << 51 | 1ULL << 58);
	fuzz_put_store(seed, 24, table);
	/* T0SZ 16, EPD1, V, IPS 5, AA64, R, A, ASET; then TTB0 */
	fuzz_put_store(seed, CD_PAGE << 12,
		       16 | 1ULL << 30 | 1ULL << 31 | 5ULL << 32 | 1ULL << 41 | 7ULL << 45);
	fuzz_put_store(seed, (CD_PAGE << 12) + 8, table);
	fuzz_put_store(seed, table, (table + 0x1000) | 3);
	fuzz_put_store(seed, table + 0x1000, (table + 0x2000) | 3);
	fuzz_put_store(seed, table + 0x2000 + 8, (table + 0x3000) | 3);
	fuzz_put_store(seed, table + 0x2000, 0x400 | 0xc0 | 1);
	fuzz_put_store(seed, table + 0x3000 + 24, 0x15000 | 0x400 | 0xc0 | 3);
}

/* Each configuration of stages, with one of the commands each. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	static const u64 commands[] = { 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x20, 0x22,
					0x28, 0x2a, 0x2c, 0x30, 0x40, 0x41, 0x44, 0x46 };
	struct fuzz_seed s = { out, size, 0 };

	if (n >= sizeof(commands) / sizeof(commands[0]))
		return 0;
	fuzz_put(&s, 0, 1);
	fuzz_put(&s, 20, 1);
	fuzz_put(&s, 5, 1);
	fuzz_put(&s, 40, 1);
	fuzz_put(&s, 0, 1);
	put_tables(&s, 5 + n % 3);
	put_register(&s, STRTAB_BASE, 8, 0);
	put_register(&s, STRTAB_BASE_CFG, 4, 5);
	put_register(&s, CMDQ_BASE, 8, QUEUE_PAGE << 12 | QUEUE_LOG2);
	put_register(&s, EVENTQ_BASE, 8, EVENT_PAGE << 12 | QUEUE_LOG2);
	put_register(&s, CR0, 4, 0xd);
	fuzz_put_request(&s, REQUEST, 0, 0x203010);
	put_command(&s, commands[n], 0);
	put_command(&s, 0x46 | 1 << 12, 0);
	fuzz_put_request(&s, REQUEST, 5, 0x203010);
	fuzz_put_request(&s, REQUEST, 4, 0x999203010);
	return s.used;
}

const struct fuzz_target fuzz_smmuv3 = { "smmuv3", run, seed };
