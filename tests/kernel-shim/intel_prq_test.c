// SPDX-License-Identifier: Apache-2.0
/*
 * Page requests through the Intel driver and the IOMMU core, from a real function and back to it: who is told, what is
 * answered by the driver itself, draining, and overflow.
 */
#include "intel_nesting.h"

#include "iommu/intel/intel.h"

#include "lib/state.h"

#define PRI_STATUS 0x126 /* behind PASID and ATS */

/* ---- who takes faults ---- */

struct taker {
	unsigned int count;
	struct iommu_fault last;
	int answer;
};

static int take(struct iommu_fault *fault, void *data)
{
	struct taker *taker = data;

	taker->count++;
	taker->last = *fault;
	return taker->answer;
}

/* A guest with its PASID bound to device 0, whose faults somebody takes (NULL: nobody). */
static struct guest start(struct rig *rig, struct taker *taker)
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	if (taker)
		EXPECT_EQ(iommu_register_device_fault_handler(rig_device(rig, 0), take, taker), 0);
	return guest;
}

static void stop(struct rig *rig, struct guest *guest)
{
	iommu_discard_device_faults(rig_device(rig, 0));
	EXPECT_EQ(iommu_unregister_device_fault_handler(rig_device(rig, 0)), 0);
	guest_stop(rig, guest, 1);
}

static struct page_request request_of(const struct guest *guest)
{
	return (struct page_request){
		.has_pasid = true,
		.pasid = guest->pasid,
		.address = 0x7f0000010000,
		.read = true,
		.group = 3,
		.last = true,
	};
}

/* Sends it, and lets the kernel do what it has to. */
static void ask(struct rig *rig, const struct page_request *request)
{
	EXPECT_EQ(pcie_page_request(rig->functions[0], request), PRI_SENT);
	cond_resched();
}

static struct pri_state state(struct rig *rig)
{
	return pcie_pri_state(rig->functions[0]);
}

static struct iommu_page_response response_to(const struct guest *guest, u32 code)
{
	return (struct iommu_page_response){
		.version = IOMMU_PAGE_RESP_VERSION_1,
		.flags = IOMMU_PAGE_RESP_PASID_VALID,
		.pasid = guest->pasid,
		.grpid = 3,
		.code = code,
	};
}

static int respond(struct rig *rig, const struct guest *guest, u32 code)
{
	struct iommu_page_response response = response_to(guest, code);

	return iommu_page_response(rig_device(rig, 0), &response);
}

/* ---- enabling ---- */

struct enable_row {
	const char *name;
	u64 ecap; /* bits that are missing */
	bool no_pasid, no_ats, no_pri; /* of the device */
	bool enabled;
};

static const struct enable_row enable_rows[] = {
	{ "all_is_there", 0, false, false, false, true },
	{ "no_page_requests", ECAP_PRS, false, false, false, false },
	{ "no_draining", ECAP_PDS, false, false, false, false },
	{ "no_pasid_in_the_unit", ECAP_PASID, false, false, false, false },
	{ "no_device_tlbs", ECAP_DT, false, false, false, false },
	{ "no_scalable_mode", ECAP_SMTS, false, false, false, false },
	{ "no_ats_in_the_device", 0, false, true, false, false },
	{ "no_pri_in_the_device", 0, false, false, true, false },
	/* it then has nothing to name in a response */
	{ "no_pasid_in_the_device", 0, true, false, false, true },
};

static long check_enabled(struct rig *rig)
{
	const struct enable_row *row = rig->param;
	struct intel_device *info = dev_iommu_priv_get(rig_device(rig, 0));

	EXPECT_EQ(info->pri_enabled, row->enabled);
	EXPECT_EQ(state(rig).enabled, row->enabled);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_prq, is_enabled_where_unit_and_device_have_all_it_needs,
		       struct enable_row, enable_rows, name)
{
	struct rig rig;

	intel_server_with_pri(&rig);
	rig.vtd_config[0].ecap &= ~param->ecap;
	rig.function_config[0].pasid = !param->no_pasid;
	rig.function_config[0].ats = !param->no_ats;
	rig.function_config[0].pri = !param->no_pri;
	rig.param = param;
	rig_test(&rig, check_enabled);
}

RIG_TEST(intel_prq, context_entry_lets_page_requests_through, intel_server_with_pri(rig))
{
	struct intel_device *info = dev_iommu_priv_get(rig_device(rig, 0));
	u64 context = info->iommu->context[0x3a][0].virt[0];

	EXPECT_EQ(context & SM_CONTEXT_PRE, SM_CONTEXT_PRE);
	EXPECT_EQ(intel_register(rig, 0, DMAR_PECTL), 0);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_PQA), info->iommu->prq.ring.phys);
}

/* ---- reporting ---- */

RIG_TEST(intel_prq, a_page_request_is_reported_and_its_answer_sent, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	request.write = true;
	ask(rig, &request);
	EXPECT_EQ(taker.count, 1);
	EXPECT_EQ(taker.last.type, IOMMU_FAULT_PAGE_REQ);
	EXPECT_EQ(taker.last.prm.flags,
		  IOMMU_FAULT_PAGE_REQUEST_PASID_VALID | IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE);
	EXPECT_EQ(taker.last.prm.pasid, guest.pasid);
	EXPECT_EQ(taker.last.prm.grpid, 3);
	EXPECT_EQ(taker.last.prm.perm, IOMMU_FAULT_PERM_READ | IOMMU_FAULT_PERM_WRITE);
	EXPECT_EQ(taker.last.prm.addr, 0x7f0000010000);
	EXPECT_EQ(state(rig).outstanding, 1);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), 0);
	EXPECT_EQ(state(rig).outstanding, 0);
	EXPECT_EQ(state(rig).response.code, PRI_SUCCESS);
	EXPECT_EQ(state(rig).response.group, 3);
	EXPECT_FALSE(state(rig).unexpected_group);
	EXPECT_EQ(intel_register(rig, 0, DMAR_PRS), 0);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_PQH), intel_register64(rig, 0, DMAR_PQT));
	stop(rig, &guest);
}

RIG_TEST(intel_prq, all_of_a_group_is_reported_and_the_last_one_answered,
	 intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	request.last = false;
	ask(rig, &request);
	EXPECT_EQ(taker.last.prm.flags, IOMMU_FAULT_PAGE_REQUEST_PASID_VALID);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), -EINVAL);
	request.last = true;
	ask(rig, &request);
	EXPECT_EQ(taker.count, 2);
	EXPECT_EQ(state(rig).outstanding, 2);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), 0);
	EXPECT_EQ(state(rig).outstanding, 0);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), -EINVAL);
	stop(rig, &guest);
}

RIG_TEST(intel_prq, each_request_with_private_data_is_answered_with_it, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	request.last = false;
	request.private_data = (struct pri_private_data){ true, { 0x77, 0x88 } };
	ask(rig, &request);
	EXPECT_EQ(taker.last.prm.flags, IOMMU_FAULT_PAGE_REQUEST_PASID_VALID |
						IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE |
						IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA);
	EXPECT_EQ(taker.last.prm.private_data[1], 0x88);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), 0);
	EXPECT_EQ(state(rig).response.private_data.data[0], 0x77);
	EXPECT_EQ(state(rig).response.private_data.data[1], 0x88);
	EXPECT_FALSE(state(rig).response.last);
	EXPECT_EQ(state(rig).outstanding, 1);
	request.last = true;
	ask(rig, &request);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), 0);
	EXPECT_TRUE(state(rig).response.last);
	EXPECT_EQ(state(rig).outstanding, 0);
	EXPECT_FALSE(state(rig).unexpected_group);
	stop(rig, &guest);
}

RIG_TEST(intel_prq, codes_of_user_space_are_those_of_pci_express, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	ask(rig, &request);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_INVALID), 0);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	ask(rig, &request);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_FAILURE), 0);
	EXPECT_EQ(state(rig).response.code, PRI_RESPONSE_FAILURE);
	EXPECT_TRUE(state(rig).response_failure);
	stop(rig, &guest);
}

/* ---- what the driver answers by itself ---- */

struct invalid_row {
	const char *name;
	struct page_request change; /* fields that are set here are set in the request */
	bool no_pasid;
	u32 other_pasid;
	const char *log;
};

static const struct invalid_row invalid_rows[] = {
	{ "no_pasid", { 0 }, true, 0, "no PASID" },
	{ "not_canonical", { .address = 0x800000000000 }, false, 0, "not canonical" },
	{ "privileged", { .privileged = true }, false, 0, "privileged mode" },
	{ "execute", { .execute = true }, false, 0, "execution" },
	/* the unit keeps from the driver what asks with the PASID of requests without one */
	{ "rid_pasid", { 0 }, false, INTEL_RID_PASID + 1, "fault reason 0x48" },
};

static long check_invalid(struct rig *rig)
{
	const struct invalid_row *row = rig->param;
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	request.has_pasid = !row->no_pasid;
	request.pasid = row->other_pasid ? 0 : request.pasid;
	request.address = row->change.address ? row->change.address : request.address;
	request.privileged = row->change.privileged;
	request.execute = row->change.execute;
	request.last = false;
	ask(rig, &request);
	EXPECT_FALSE(state(rig).responded);
	request.last = true;
	ask(rig, &request);
	EXPECT_EQ(taker.count, 0);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(state(rig).outstanding, 0);
	EXPECT_TRUE(rig_logged(rig, row->log));
	stop(rig, &guest);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_prq, a_request_that_cannot_be_meant_is_invalid, struct invalid_row,
		       invalid_rows, name)
{
	struct rig rig;

	intel_server_with_pri(&rig);
	rig.function_config[0].pasid_execute = true;
	rig.function_config[0].pasid_privileged = true;
	rig.param = param;
	rig_test(&rig, check_invalid);
}

RIG_TEST(intel_prq, a_request_that_nobody_takes_is_invalid, intel_server_with_pri(rig))
{
	struct guest guest = start(rig, NULL);
	struct page_request request = request_of(&guest);

	ask(rig, &request);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(state(rig).outstanding, 0);
	stop(rig, &guest);
}

RIG_TEST(intel_prq, a_request_that_is_not_taken_is_invalid_and_waits_for_no_answer,
	 intel_server_with_pri(rig))
{
	struct taker taker = { .answer = -ENOSPC };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	ask(rig, &request);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), -EINVAL);
	request.last = false;
	ask(rig, &request);
	EXPECT_EQ(state(rig).outstanding, 1);
	stop(rig, &guest);
}

/* Has the driver read a request of a function for a PASID, that hardware would not have written. */
static void ask_by_hand(struct rig *rig, u64 source_id, u64 pasid)
{
	struct intel_device *info = dev_iommu_priv_get(rig_device(rig, 0));
	u64 *entry = info->iommu->prq.ring.virt;

	entry[0] = 1 | PAGE_REQUEST_PP | FIELD_PREP(PAGE_REQUEST_RID, source_id) |
		   FIELD_PREP(PAGE_REQUEST_PASID, pasid);
	entry[1] = PAGE_REQUEST_Q1_RDR | PAGE_REQUEST_Q1_LPIG;
	vtd_mmio_write(rig->vtd[0], DMAR_PQT, 8, 32);
	intel_prq_drain(info, intel_domain_unit(info->domain, info->iommu)->did);
}

RIG_TEST(intel_prq, a_request_of_nobody_is_invalid, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);

	ask_by_hand(rig, 0x3a10, guest.pasid);
	EXPECT_TRUE(rig_logged(rig, "no such device"));
	EXPECT_EQ(taker.count, 0);
	stop(rig, &guest);
}

/* As one looks that was in the queue when its PASID was unbound. */
RIG_TEST(intel_prq, a_request_of_a_pasid_that_is_not_bound_is_invalid, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);

	ask_by_hand(rig, 0x3a00, guest.pasid + 1);
	EXPECT_TRUE(rig_logged(rig, "not bound"));
	EXPECT_EQ(taker.count, 0);
	stop(rig, &guest);
}

RIG_TEST(intel_prq, a_stop_marker_is_no_request, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request marker = request_of(&guest);

	marker.read = false;
	rig_log_clear(rig);
	ask(rig, &marker);
	EXPECT_EQ(taker.count, 0);
	EXPECT_FALSE(state(rig).responded);
	EXPECT_EQ(rig->log_len, 0);
	stop(rig, &guest);
}

/* ---- answers that cannot be meant ---- */

RIG_TEST(intel_prq, an_answer_is_checked_before_anybody_is_told, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);
	const struct iommu_page_response good = response_to(&guest, IOMMU_PAGE_RESP_SUCCESS);
	struct device *dev = rig_device(rig, 0);
	struct iommu_page_response bad;

	ask(rig, &request);
	bad = good;
	bad.version = 2;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
	bad = good;
	bad.flags |= 2;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
	bad = good;
	bad.code = 3;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
	bad = good;
	bad.grpid = 4;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
	bad = good;
	bad.pasid++;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
	bad = good;
	bad.flags = 0;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
	EXPECT_EQ(state(rig).outstanding, 1);
	bad = good;
	EXPECT_EQ(iommu_page_response(dev, &bad), 0);
	stop(rig, &guest);
	bad = good;
	EXPECT_EQ(iommu_page_response(dev, &bad), -EINVAL);
}

RIG_TEST(intel_prq, an_answer_after_unbind_is_too_late, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	ask(rig, &request);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), -ENODEV);
	EXPECT_EQ(respond(rig, &guest, IOMMU_PAGE_RESP_SUCCESS), -EINVAL);
	EXPECT_EQ(state(rig).outstanding, 1);
	stop(rig, &guest);
}

/* ---- who may take faults ---- */

RIG_TEST(intel_prq, faults_of_a_device_go_to_one, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);
	struct device *dev = rig_device(rig, 0);

	EXPECT_EQ(iommu_register_device_fault_handler(dev, take, &taker), -EBUSY);
	ask(rig, &request);
	EXPECT_EQ(iommu_unregister_device_fault_handler(dev), -EBUSY);
	iommu_discard_device_faults(dev);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(iommu_unregister_device_fault_handler(dev), 0);
	iommu_discard_device_faults(dev);
	EXPECT_EQ(iommu_unregister_device_fault_handler(dev), 0);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_prq, a_device_without_iommu_has_no_faults, intel_server_with_pri(rig))
{
	struct device *dev = rig_device(rig, 0);
	struct dev_iommu *iommu = dev->iommu;
	struct iommu_fault_event event = { .fault = { .type = IOMMU_FAULT_PAGE_REQ } };
	struct iommu_page_response response = { .version = IOMMU_PAGE_RESP_VERSION_1 };

	dev->iommu = NULL;
	EXPECT_EQ(iommu_register_device_fault_handler(dev, take, NULL), -EINVAL);
	EXPECT_EQ(iommu_unregister_device_fault_handler(dev), -EINVAL);
	EXPECT_EQ(iommu_report_device_fault(dev, &event), -EINVAL);
	EXPECT_EQ(iommu_page_response(dev, &response), -ENODEV);
	iommu_discard_device_faults(dev);
	dev->iommu = iommu;
}

RIG_TEST(intel_prq, a_driver_without_page_requests_has_no_answers, rig_init_smmu(rig))
{
	struct iommu_page_response response = { .version = IOMMU_PAGE_RESP_VERSION_1 };

	EXPECT_EQ(iommu_page_response(rig_device(rig, 0), &response), -ENODEV);
}

/* ---- draining and overflow ---- */

static void mask_event(struct rig *rig, bool mask)
{
	vtd_mmio_write(rig->vtd[0], DMAR_PECTL, 4, mask ? FECTL_IM : 0);
	cond_resched();
}

RIG_TEST(intel_prq, requests_on_their_way_are_dealt_with_when_a_pasid_is_unbound,
	 intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	mask_event(rig, true);
	ask(rig, &request);
	EXPECT_EQ(taker.count, 0);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	EXPECT_EQ(taker.count, 0);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(state(rig).outstanding, 0);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_PQH), 32);
	mask_event(rig, false);
	stop(rig, &guest);
}

RIG_TEST(intel_prq, detach_drains_and_disables_page_requests, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);
	u64 drains = 0;

	mask_event(rig, true);
	ask(rig, &request);
	rig_detach(rig, guest.domain, 0);
	EXPECT_EQ(state(rig).response.code, PRI_INVALID_REQUEST);
	/* the default domain took the device back, and what waited is forgotten */
	EXPECT_TRUE(state(rig).enabled);
	EXPECT_EQ(drains, 0);
	mask_event(rig, false);
	EXPECT_EQ(rig_attach(rig, guest.domain, 0), 0);
	stop(rig, &guest);
}

static void fill_queue(struct rig *rig, const struct guest *guest, unsigned int requests)
{
	struct page_request request = request_of(guest);
	unsigned int i;

	request.source_id = 0x3a00;
	for (i = 0; i < requests; i++) {
		request.group = (u16)i;
		vtd_page_request(rig->vtd[0], &request);
	}
}

RIG_TEST(intel_prq, an_overflow_is_cleared_and_requests_come_again, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	mask_event(rig, true);
	fill_queue(rig, &guest, 130);
	EXPECT_EQ(intel_register(rig, 0, DMAR_PRS), PRS_PPR | PRS_PRO);
	mask_event(rig, false);
	EXPECT_EQ(taker.count, 127);
	EXPECT_EQ(intel_register(rig, 0, DMAR_PRS), 0);
	EXPECT_TRUE(rig_logged(rig, "overflow"));
	request.group = 300;
	ask(rig, &request);
	EXPECT_EQ(taker.count, 128);
	EXPECT_EQ(taker.last.prm.grpid, 300);
	stop(rig, &guest);
}

RIG_TEST(intel_prq, draining_goes_on_until_nothing_found_no_room, intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);

	mask_event(rig, true);
	fill_queue(rig, &guest, 130);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	EXPECT_EQ(intel_register(rig, 0, DMAR_PRS), 0);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_PQH), intel_register64(rig, 0, DMAR_PQT));
	mask_event(rig, false);
	stop(rig, &guest);
}

/* Answers as a device that is out of order would see them. */
RIG_TEST(intel_prq, a_function_is_asked_for_stopped_state_before_it_is_enabled_again,
	 intel_server_with_pri(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);
	struct page_request request = request_of(&guest);

	ask(rig, &request);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	rig_detach(rig, guest.domain, 0);
	/* reset, as one request never was answered */
	EXPECT_EQ(state(rig).outstanding, 0);
	EXPECT_TRUE(state(rig).enabled);
	EXPECT_EQ(pcie_config_read(rig->functions[0], PRI_STATUS, 2) & 0x100, 0);
	EXPECT_EQ(rig_attach(rig, guest.domain, 0), 0);
	stop(rig, &guest);
}
