// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core, recoverable faults: from the driver that reports a page request to who has registered for the
 * device's faults, and the answer back.
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-internal.h"

/* Who takes a device's faults. */
struct iommu_fault_param {
	iommu_dev_fault_handler_t handler;
	void *data;
	struct mutex lock; /* of waiting */
	struct list_head waiting; /* struct iommu_fault_event: reported, and to be answered */
};

int iommu_register_device_fault_handler(struct device *dev, iommu_dev_fault_handler_t handler,
					void *data)
{
	struct dev_iommu *iommu = dev->iommu;
	struct iommu_fault_param *param;
	int ret = 0;

	if (!iommu)
		return -EINVAL;
	param = kzalloc(sizeof(*param), GFP_KERNEL);
	if (!param)
		return -ENOMEM;
	param->handler = handler;
	param->data = data;
	mutex_init(&param->lock);
	INIT_LIST_HEAD(&param->waiting);
	mutex_lock(&iommu->lock);
	if (iommu->fault_param)
		ret = -EBUSY;
	else
		iommu->fault_param = param;
	mutex_unlock(&iommu->lock);
	if (ret)
		kfree(param);
	return ret;
}

int iommu_unregister_device_fault_handler(struct device *dev)
{
	struct dev_iommu *iommu = dev->iommu;
	int ret = 0;

	if (!iommu)
		return -EINVAL;
	mutex_lock(&iommu->lock);
	if (iommu->fault_param && !list_empty(&iommu->fault_param->waiting)) {
		ret = -EBUSY;
	} else {
		kfree(iommu->fault_param);
		iommu->fault_param = NULL;
	}
	mutex_unlock(&iommu->lock);
	return ret;
}

/* Only the last request of a group is answered. */
static bool needs_answer(const struct iommu_fault *fault)
{
	return fault->type == IOMMU_FAULT_PAGE_REQ &&
	       fault->prm.flags & IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE;
}

static int report(struct iommu_fault_param *param, struct iommu_fault_event *event)
{
	struct iommu_fault_event *waiting = NULL;
	int ret;

	if (needs_answer(&event->fault)) {
		waiting = kmemdup(event, sizeof(*event), GFP_KERNEL);
		if (!waiting)
			return -ENOMEM;
		mutex_lock(&param->lock);
		list_add_tail(&waiting->list, &param->waiting);
		mutex_unlock(&param->lock);
	}
	ret = param->handler(&event->fault, param->data);
	if (ret && waiting) {
		mutex_lock(&param->lock);
		list_del(&waiting->list);
		mutex_unlock(&param->lock);
		kfree(waiting);
	}
	return ret;
}

int iommu_report_device_fault(struct device *dev, struct iommu_fault_event *event)
{
	struct dev_iommu *iommu = dev->iommu;
	int ret = -EINVAL;

	if (!iommu)
		return -EINVAL;
	mutex_lock(&iommu->lock);
	if (iommu->fault_param)
		ret = report(iommu->fault_param, event);
	mutex_unlock(&iommu->lock);
	return ret;
}

static bool answers(const struct iommu_page_response *response,
		    const struct iommu_fault_page_request *request)
{
	bool has_pasid = response->flags & IOMMU_PAGE_RESP_PASID_VALID;

	if (response->grpid != request->grpid ||
	    has_pasid != !!(request->flags & IOMMU_FAULT_PAGE_REQUEST_PASID_VALID))
		return false;
	return !has_pasid || response->pasid == request->pasid;
}

static int respond(struct device *dev, struct iommu_fault_param *param,
		   struct iommu_page_response *response)
{
	struct iommu_fault_event *event;
	int ret;

	list_for_each_entry(event, &param->waiting, list) {
		if (!answers(response, &event->fault.prm))
			continue;
		ret = dev_iommu_ops(dev)->page_response(dev, event, response);
		list_del(&event->list);
		kfree(event);
		return ret;
	}
	dev_warn_ratelimited(dev, "no page request waits for this response\n");
	return -EINVAL;
}

int iommu_page_response(struct device *dev, struct iommu_page_response *response)
{
	struct iommu_fault_param *param;
	int ret;

	if (!dev->iommu || !dev_iommu_ops(dev)->page_response)
		return -ENODEV;
	param = dev->iommu->fault_param;
	if (!param || response->version != IOMMU_PAGE_RESP_VERSION_1 ||
	    response->flags & ~IOMMU_PAGE_RESP_PASID_VALID ||
	    response->code > IOMMU_PAGE_RESP_FAILURE)
		return -EINVAL;
	mutex_lock(&param->lock);
	ret = respond(dev, param, response);
	mutex_unlock(&param->lock);
	return ret;
}

void iommu_discard_device_faults(struct device *dev)
{
	struct iommu_fault_param *param = dev->iommu ? dev->iommu->fault_param : NULL;
	struct iommu_page_response response = {
		.version = IOMMU_PAGE_RESP_VERSION_1,
		.code = IOMMU_PAGE_RESP_INVALID,
	};
	struct iommu_fault_event *event, *next;

	if (!param)
		return;
	mutex_lock(&param->lock);
	list_for_each_entry_safe(event, next, &param->waiting, list) {
		dev_iommu_ops(dev)->page_response(dev, event, &response);
		list_del(&event->list);
		kfree(event);
	}
	mutex_unlock(&param->lock);
}
