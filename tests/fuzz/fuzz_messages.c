/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function whose root complex answers with anything: configuration writes, DMA, completions, invalidations of
 * device TLBs, page requests and responses to them of any content, each also while another waits for its answer.
 */
#include "fuzz.h"
#include "pcie/pcie.h"

enum operation {
	CONFIGURE = FUZZ_OPERATIONS,
	ENABLE,
	DMA,
	INVALIDATE,
	SILENCE,
	EVICT,
	ASK,
	RESPOND,
	OPERATIONS,
};

#define DMA_BYTES 8192
#define CONFIG_BYTES 4096

struct state {
	struct fuzz_world world;
	struct fuzz_input *in;
	struct pcie_function *function;
	/* translations without and with PASID: */
	struct {
		bool asked; /* for one, since all were invalidated */
		u64 invalidations; /* of all */
	} held[2];
	/* the innermost DMA, and how many of these there had been when it began */
	bool has_pasid;
	u64 begun;
	u64 page_requests;
	const struct page_request *wanted; /* what software on the device asks for now, or NULL */
};

#define SOURCE_ID 0x3a00

/* What the IOMMU says, however little sense it makes; only the bits of a completion are as they come. */
static void on_access(void *ctx, struct pcie_transaction *transaction)
{
	struct state *s = ctx;
	struct translation_result *result = &transaction->result;
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);

	fuzz_require(transaction->request.source_id == SOURCE_ID);
	if (transaction->request.type == ADDRESS_TRANSLATION_REQUEST)
		s->held[transaction->request.has_pasid].asked = true;
	/* PCI Express 10.3.1: what was invalidated is used by nothing that begins later */
	if (transaction->request.type == ADDRESS_TRANSLATED &&
	    s->begun == s->held[s->has_pasid].invalidations)
		fuzz_require(s->held[s->has_pasid].asked);
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

/* Private data travels as it was given, and DMA has none. */
static void on_page_request(void *ctx, const struct page_request *request)
{
	struct state *s = ctx;

	s->page_requests++;
	fuzz_require(request->source_id == SOURCE_ID);
	fuzz_require(!(request->address & ~MODEL_PAGE_MASK) && request->group < PRI_GROUPS);
	if (s->wanted) {
		fuzz_require(request->private_data.present == s->wanted->private_data.present);
		fuzz_require(memcmp(request->private_data.data, s->wanted->private_data.data,
				    sizeof(request->private_data.data)) == 0);
	} else {
		fuzz_require(!request->private_data.present);
	}
	fuzz_called(&s->world);
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
	const struct page_request *wanted = s->wanted;
	struct dma_result result;
	bool has_pasid = s->has_pasid;
	u64 begun = s->begun;

	s->wanted = NULL;
	s->has_pasid = request.has_pasid;
	s->begun = s->held[request.has_pasid].invalidations;
	pcie_dma(s->function, &request, buf, &result);
	s->has_pasid = has_pasid;
	s->begun = begun;
	s->wanted = wanted;
	fuzz_require(result.done <= request.len);
	fuzz_require((result.status == DMA_OK) == (result.done == request.len && request.len));
	fuzz_require((result.status == DMA_FAULT) == (result.fault != 0));
}

static struct pri_private_data private_data(struct state *s, bool present)
{
	struct pri_private_data data = { .present = present };

	if (present) {
		data.data[0] = fuzz_take(s->in, 8);
		data.data[1] = fuzz_take(s->in, 8);
	}
	return data;
}

static void invalidate(struct state *s)
{
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	const struct ats_invalidation invalidation = {
		.has_pasid = kind & 1,
		.pasid = (u32)fuzz_take(s->in, 3) & 0xfffff,
		.body = fuzz_take(s->in, 8),
	};

	bool all = ats_decode_range(invalidation.body).shift == 64 &&
		   (!invalidation.has_pasid || invalidation.body & ATS_INVALIDATE_GLOBAL);

	if (pcie_ats_invalidate(s->function, &invalidation) && all) {
		s->held[invalidation.has_pasid].asked = false;
		s->held[invalidation.has_pasid].invalidations++;
	}
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
		.private_data = private_data(s, kind >> 6 & 1),
	};
	const struct page_request *wanted = s->wanted;
	u64 before = s->page_requests;
	enum pri_status status;

	s->wanted = &request;
	status = pcie_page_request(s->function, &request);
	s->wanted = wanted;
	/* sent once, unless others were while it was */
	fuzz_require(status == PRI_SENT ? s->page_requests > before : s->page_requests == before);
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
		.private_data = private_data(s, kind >> 2 & 1),
	};
	struct pri_state state;

	pcie_page_group_response(s->function, &response);
	state = pcie_pri_state(s->function);
	fuzz_require(!state.responded ||
		     state.response.private_data.present == response.private_data.present);
}

/* Stopped means that nothing is to come. */
static void check_pages(const struct state *s)
{
	const struct pri_state state = pcie_pri_state(s->function);

	fuzz_require(!state.stopped || !state.outstanding);
}

static void operate(void *arg)
{
	struct state *s = arg;
	unsigned int operation = (unsigned int)fuzz_take(s->in, 1) % OPERATIONS;
	unsigned int offset, size;

	if (fuzz_operate(&s->world, s->in, operation))
		return;
	switch ((enum operation)operation) {
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
	case RESPOND:
	default:
		respond(s);
		break;
	}
	check_pages(s);
}

static void run(struct fuzz_input *in)
{
	struct state s = { .in = in };
	unsigned int kind = (unsigned int)fuzz_take(in, 1);
	const struct pcie_function_config config = {
		.source_id = SOURCE_ID,
		.pasid = kind & 1,
		.pasid_width = (unsigned int)fuzz_take(in, 1) % 22,
		.pasid_execute = kind >> 1 & 1,
		.pasid_privileged = kind >> 2 & 1,
		.ats = kind >> 3 & 1,
		.ats_queue_depth = (unsigned int)fuzz_take(in, 1) % 34,
		.device_tlb = { .entries = kind >> 4 & 1 ? 8 : 0, .assoc = 2 },
		.pri = kind >> 5 & 1,
	};
	const struct pcie_upstream upstream = {
		.access = on_access,
		.ctx = &s,
		.page_request = on_page_request,
	};

	fuzz_world_init(&s.world, operate, &s);
	s.function = pcie_function_create(&config, &upstream, &s.world.port);
	while (s.function && in->size)
		operate(&s);
	pcie_function_destroy(s.function);
	fuzz_world_clear(&s.world);
}

/* --- seeds ------------------------------------------------------------------------------- */

/* What the IOMMU answers to a translation request. */
static void put_completion(struct fuzz_seed *seed, u64 completion)
{
	fuzz_put(seed, 0, 1);
	fuzz_put(seed, completion, 8);
}

static void put_dma(struct fuzz_seed *seed, unsigned int kind, u64 address)
{
	fuzz_put(seed, DMA, 1);
	fuzz_put(seed, kind, 1);
	fuzz_put(seed, 64, 2);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, address, 8);
}

/* With the answer to the translation request, and to the translated one. */
static void put_translated_dma(struct fuzz_seed *seed, unsigned int kind, u64 address,
			       u64 completion)
{
	put_dma(seed, kind, address);
	put_completion(seed, completion);
	fuzz_put(seed, 0, 1);
}

static void put_invalidate(struct fuzz_seed *seed, bool has_pasid, u64 body)
{
	fuzz_put(seed, INVALIDATE, 1);
	fuzz_put(seed, has_pasid, 1);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, body, 8);
}

static void put_page_request(struct fuzz_seed *seed, bool has_pasid, bool has_private_data)
{
	fuzz_put(seed, ASK, 1);
	fuzz_put(seed, 0x22 | has_pasid | has_private_data << 6, 1);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, 0x12345000, 8);
	fuzz_put(seed, 5, 1);
	if (has_private_data)
		fuzz_put(seed, 0x1111, 8), fuzz_put(seed, 0x2222, 8);
	fuzz_put(seed, RESPOND, 1);
	fuzz_put(seed, 2 | has_pasid | has_private_data << 2, 1);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, 5, 1);
	if (has_private_data)
		fuzz_put(seed, 0x1111, 8), fuzz_put(seed, 0x2222, 8);
}

/* A translation is invalidated before the answer with it comes, and then wanted again. */
static void put_overlapped(struct fuzz_seed *seed, unsigned int kind)
{
	const u64 completion = 0x40000000 | ATS_READ | ATS_WRITE;

	fuzz_put_reenter(seed, 1);
	put_dma(seed, kind, 0x55555000);
	put_completion(seed, completion);
	put_invalidate(seed, kind & 4, ~0ULL);
	fuzz_put(seed, 0, 1);
	put_translated_dma(seed, kind, 0x55555000, completion);
}

/* Seeds: without and with PASID, for 4 KiB and for ranges that S tells, without and with private data. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	struct fuzz_seed s = { out, size, 0 };
	const bool has_pasid = n & 1;
	unsigned int kind = has_pasid ? 4 : 0;
	u64 range = n & 2 ? 0x000ff000 | ATS_SIZE : 0;

	if (n > 7)
		return 0;
	fuzz_put(&s, 0x3f, 1);
	fuzz_put(&s, 20, 1);
	fuzz_put(&s, 4, 1);
	fuzz_put(&s, ENABLE, 1);
	put_translated_dma(&s, kind, 0x12345000, 0x40000000 | range | ATS_READ);
	put_translated_dma(&s, kind | 1, 0x12345000, 0x40000000 | range | ATS_READ | ATS_WRITE);
	put_invalidate(&s, has_pasid, 0x12345000);
	put_overlapped(&s, kind);
	put_invalidate(&s, has_pasid, ~0ULL);
	put_page_request(&s, has_pasid, n & 4);
	put_translated_dma(&s, kind, 0x12345ff0,
			   0x40000000 | ATS_READ | ATS_GLOBAL | ATS_UNTRANSLATED);
	return s.used;
}

const struct fuzz_target fuzz_messages = { "messages", run, seed };
