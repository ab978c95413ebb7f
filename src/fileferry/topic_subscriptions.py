"""Subscriptions of the events topic at SNS: queues and e-mail addresses, each with its tenant's filter policy."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from fileferry.aws_errors import code_of
from fileferry.errors import Conflict
from fileferry.model.subscription import EmailEndpoint, QueueEndpoint, Subscription

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_NONE = ("NotFound", "NotFoundException")
_INVALID = ("InvalidParameter", "InvalidParameterException")


class Confirmation(StrEnum):
    """`PENDING` until the endpoint's owner has confirmed; `GONE` when it unsubscribed, or did not confirm in time."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    GONE = "GONE"


class TopicSubscriptions:
    def __init__(self, sns: SNSClient, topic_arn: str) -> None:
        self._sns = sns
        self._topic = topic_arn

    def subscribe(self, subscription: Subscription) -> str:
        """Subscribe the endpoint, or find it subscribed by an earlier try; the subscription's ARN.

        Raises Conflict when SNS refuses: an endpoint with another filter already, a quota, an endpoint that is none.
        """
        target = subscription.target
        attributes = {"FilterPolicy": json.dumps(subscription.policy())}
        if isinstance(target, QueueEndpoint):
            protocol, endpoint = "sqs", target.queue_arn
            attributes["RawMessageDelivery"] = "true"
        else:
            assert isinstance(target, EmailEndpoint)
            protocol, endpoint = "email", target.address
        try:
            answer = self._sns.subscribe(
                TopicArn=self._topic,
                Protocol=protocol,
                Endpoint=endpoint,
                Attributes=attributes,
                ReturnSubscriptionArn=True,
            )
        except ClientError as error:
            if code_of(error) not in (*_INVALID, "SubscriptionLimitExceeded", "FilterPolicyLimitExceeded"):
                raise
            said = error.response["Error"].get("Message", "")
            raise Conflict(f"SNS does not take the subscription: {said[:300]}") from error
        return answer["SubscriptionArn"]

    def set_filter(self, arn: str, subscription: Subscription) -> bool:
        """Give the subscription its filter policy; False when it is gone."""
        policy = json.dumps(subscription.policy())
        try:
            self._sns.set_subscription_attributes(
                SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=policy
            )
        except ClientError as error:
            if code_of(error) not in _NONE:
                raise
            return False
        return True

    def unsubscribe(self, arn: str) -> None:
        """End the subscription, which may be gone already. SNS itself forgets one that is never confirmed."""
        try:
            self._sns.unsubscribe(SubscriptionArn=arn)
        except ClientError as error:
            if code_of(error) not in (*_NONE, *_INVALID):
                raise

    def confirmation(self, arn: str) -> Confirmation:
        try:
            answer = self._sns.get_subscription_attributes(SubscriptionArn=arn)
        except ClientError as error:
            if code_of(error) not in _NONE:
                raise
            return Confirmation.GONE
        pending = answer["Attributes"].get("PendingConfirmation") == "true"
        return Confirmation.PENDING if pending else Confirmation.CONFIRMED
