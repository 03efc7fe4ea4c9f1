/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function whose root complex answers with anything: configuration writes, DMA, completions, invalidations of
 * device TLBs, page requests and responses to them of any content.
 */
#include "fuzz.h"
#include "pcie/pcie.h"

enum operation {
	CONFIGURE,
	ENABLE,
	DMA,
	INVALIDATE,
	SILENCE,
	EVICT,
	ASK,
	RESPOND,
	REENTER, /* in the middle of a request or of an access to memory */
	OPERATIONS,
};

#define DMA_BYTES 8192
#define CONFIG_BYTES 4096

struct state {
	struct fuzz_world world;
	struct fuzz_input *in;
	struct pcie_function *function;
};

/* What the IOMMU says, however little sense it makes; only the bits of a completion are as they come. */
static void on_access(void *ctx, struct pcie_transaction *transaction)
{
	struct state *s = ctx;
	struct translation_result *result = &transaction->result;
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);

	*result = (struct translation_result){
		.page_size = 4096ULL << (kind >> 4 & 3) * 9,
		.table_reads = kind,
	};
	if (transaction->request.type == ADDRESS_TRANSLATION_REQUEST) {
		result->ats_status = (enum ats_status)((kind & 7) < 3 ? kind & 7 : 0);
		if (result->ats_status == ATS_SUCCESS)
			result->completion = fuzz_take(s->in, 8);
		else if (kind & 8)
			result->fault = 0x5b;
	} else if (kind & 1) {
		result->fault = 0x71;
	} else {
		result->address = hpa(transaction->request.address.v);
		result->interrupt = kind >> 1 & 1;
	}
	fuzz_called(&s->world);
	pcie_complete(&s->world.port, transaction);
}

/* What a driver does: bus mastering, PASID, ATS and page requests. */
static void enable(struct state *s)
{
	unsigned int offset = 0x100, i;

	pcie_config_write(s->function, 0x04, 2, 0x6);
	/* the extended capabilities: PASID and ATS have their control register at 6, PRI at 4 */
	for (i = 0; i < 8 && offset; i++) {
		u32 header = pcie_config_read(s->function, offset, 4);

		if ((header & 0xffff) == 0x1b)
			pcie_config_write(s->function, offset + 6, 2, 0x7);
		if ((header & 0xffff) == 0x0f)
			pcie_config_write(s->function, offset + 6, 2, 0x8000);
		if ((header & 0xffff) == 0x13) {
			pcie_config_write(s->function, offset + 12, 4, 8);
			pcie_config_write(s->function, offset + 4, 2, 1);
		}
		offset = header >> 20;
	}
}

static void dma(struct state *s)
{
	static u8 buf[DMA_BYTES];
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	struct dma_request request = {
		.len = fuzz_take(s->in, 2) % (DMA_BYTES + 1),
		.access = (enum access)(1 << (kind & 3) % 3),
		.has_pasid = kind >> 2 & 1,
		.pasid = (u32)fuzz_take(s->in, 3),
		.privileged = kind >> 3 & 1,
		.address = iova(fuzz_take(s->in, 8)),
	};
	struct dma_result result;

	pcie_dma(s->function, &request, buf, &result);
	fuzz_require(result.done <= request.len);
	fuzz_require((result.status == DMA_OK) == (result.done == request.len && request.len));
	fuzz_require((result.status == DMA_FAULT) == (result.fault != 0));
}

static void invalidate(struct state *s)
{
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	const struct ats_invalidation invalidation = {
		.has_pasid = kind & 1,
		.pasid = (u32)fuzz_take(s->in, 3) & 0xfffff,
		.body = fuzz_take(s->in, 8),
	};

	pcie_ats_invalidate(s->function, &invalidation);
}

static struct pri_private_data take_private_data(struct state *s, bool present)
{
	struct pri_private_data data = { .present = present };

	if (present)
		data.data[0] = fuzz_take(s->in, 1);
	return data;
}

static void ask(struct state *s)
{
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	const struct page_request request = {
		.has_pasid = kind & 1,
		.pasid = (u32)fuzz_take(s->in, 3) & 0xfffff,
		.address = fuzz_take(s->in, 8),
		.read = kind >> 1 & 1,
		.write = kind >> 2 & 1,
		.execute = kind >> 3 & 1,
		.privileged = kind >> 4 & 1,
		.last = kind >> 5 & 1,
		.group = (u16)fuzz_take(s->in, 1),
		.private_data = take_private_data(s, kind >> 6 & 1),
	};

	pcie_page_request(s->function, &request);
}

static void respond(struct state *s)
{
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	const struct page_group_response response = {
		.has_pasid = kind & 1,
		.pasid = (u32)fuzz_take(s->in, 3) & 0xfffff,
		.group = (u16)fuzz_take(s->in, 1),
		.code = kind >> 4,
		.last = kind >> 1 & 1,
		.private_data = take_private_data(s, kind >> 2 & 1),
	};

	pcie_page_group_response(s->function, &response);
	/* stopped means that nothing is to come */
	fuzz_require(!pcie_pri_state(s->function).stopped ||
		     !pcie_pri_state(s->function).outstanding);
}

static void operate(struct state *s)
{
	unsigned int offset, size;

	switch ((enum operation)(fuzz_take(s->in, 1) % OPERATIONS)) {
	case CONFIGURE:
		offset = (unsigned int)fuzz_take(s->in, 2) % (CONFIG_BYTES + 8);
		size = (unsigned int)fuzz_take(s->in, 1) % 6;
		pcie_config_write(s->function, offset, size, (u32)fuzz_take(s->in, 4));
		pcie_config_read(s->function, offset, size);
		break;
	case ENABLE:
		enable(s);
		break;
	case DMA:
		dma(s);
		break;
	case INVALIDATE:
		invalidate(s);
		break;
	case SILENCE:
		pcie_ats_silence(s->function, fuzz_take(s->in, 1) & 1);
		break;
	case EVICT:
		pcie_evict_all(s->function);
		break;
	case ASK:
		ask(s);
		break;
	case REENTER:
		fuzz_take_reentry(&s->world, s->in);
		break;
	case RESPOND:
	default:
		respond(s);
		break;
	}
}

static void reenter(void *arg)
{
	operate(arg);
}

static void run(struct fuzz_input *in)
{
	struct state s = { .in = in };
	unsigned int kind = (unsigned int)fuzz_take(in, 1);
	const struct pcie_function_config config = {
		.pasid = kind & 1,
		.pasid_width = (unsigned int)fuzz_take(in, 1) % 22,
		.pasid_execute = kind >> 1 & 1,
		.pasid_privileged = kind >> 2 & 1,
		.ats = kind >> 3 & 1,
		.ats_queue_depth = (unsigned int)fuzz_take(in, 1) % 34,
		.device_tlb = { .entries = kind >> 4 & 1 ? 8 : 0, .assoc = 2 },
		.pri = kind >> 5 & 1,
	};
	const struct pcie_upstream upstream = { .access = on_access, .ctx = &s };

	fuzz_world_init(&s.world);
	s.world.reenter = reenter;
	s.world.arg = &s;
	s.function = pcie_function_create(&config, &upstream, &s.world.port);
	while (s.function && in->size)
		operate(&s);
	pcie_function_destroy(s.function);
	fuzz_world_clear(&s.world);
}

/* --- seeds ------------------------------------------------------------------------------- */

/* With the answer to its translation request. */
static void put_asking_dma(struct fuzz_seed *seed, unsigned int kind, u64 address, u64 completion)
{
	fuzz_put(seed, DMA, 1);
	fuzz_put(seed, kind, 1);
	fuzz_put(seed, 64, 2);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, address, 8);
	fuzz_put(seed, 0, 1);
	fuzz_put(seed, completion, 8);
}

/* And to the translated request. */
static void put_dma(struct fuzz_seed *seed, unsigned int kind, u64 address, u64 completion)
{
	put_asking_dma(seed, kind, address, completion);
	fuzz_put(seed, 0, 1);
}

static void put_invalidate(struct fuzz_seed *seed, bool has_pasid, u64 body)
{
	fuzz_put(seed, INVALIDATE, 1);
	fuzz_put(seed, has_pasid, 1);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, body, 8);
}

static void put_page_request(struct fuzz_seed *seed, bool has_pasid, bool private_data)
{
	fuzz_put(seed, ASK, 1);
	fuzz_put(seed, 0x22u | has_pasid | (private_data ? 0x40u : 0), 1);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, 0x12345000, 8);
	fuzz_put(seed, 5, 1);
	if (private_data)
		fuzz_put(seed, 0x77, 1);
	fuzz_put(seed, RESPOND, 1);
	fuzz_put(seed, 2u | has_pasid | (private_data ? 4u : 0), 1);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, 5, 1);
	if (private_data)
		fuzz_put(seed, 0x77, 1);
}

/* Seeds: without and with PASID, for 4 KiB and for ranges that S tells. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	struct fuzz_seed s = { out, size, 0 };
	unsigned int kind = n & 1 ? 4 : 0;
	u64 range = n & 2 ? 0x000ff000 | ATS_SIZE : 0;

	if (n > 3)
		return 0;
	fuzz_put(&s, 0x3f, 1);
	fuzz_put(&s, 20, 1);
	fuzz_put(&s, 4, 1);
	fuzz_put(&s, ENABLE, 1);
	put_dma(&s, kind, 0x12345000, 0x40000000 | range | ATS_READ);
	put_dma(&s, kind | 1, 0x12345000, 0x40000000 | range | ATS_READ | ATS_WRITE);
	put_invalidate(&s, n & 1, 0x12345000);
	put_invalidate(&s, n & 1, ~0ULL);
	put_page_request(&s, n & 1, false);
	put_page_request(&s, n & 1, true);
	/* an invalidation in the middle of a DMA */
	fuzz_put(&s, REENTER, 1);
	fuzz_put(&s, 1, 1);
	put_asking_dma(&s, kind, 0x12345ff0, 0x40000000 | range | ATS_READ);
	put_invalidate(&s, n & 1, 0x12345000);
	fuzz_put(&s, 0, 1);
	put_dma(&s, kind, 0x12345ff0, 0x40000000 | ATS_READ | ATS_GLOBAL | ATS_UNTRANSLATED);
	return s.used;
}

const struct fuzz_target fuzz_messages = { "messages", run, seed };
