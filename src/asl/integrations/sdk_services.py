"""The services of AWS SDK integrations, by the names that their errors have.

Source: the serviceId of each model in botocore, written as the AWS SDK for Java writes it (words in Pascal case,
without a leading Amazon or AWS and a final Service), since Step Functions names errors after that SDK's clients; and
which of the errors that most services share the model has.
"""

from __future__ import annotations

from functools import cache

_SHARED = {"AccessDeniedException": "a", "ThrottlingException": "t", "ValidationException": "v"}
_ONLY_GENERIC = frozenset({"AccessDenied", "UnrecognizedClientException", "ValidationError"})

# NAME or NAME/SHARED, the letters of the shared errors that it models
_SERVICES = """
AccessAnalyzer/atv Account/av AccountAccess/atv Acm/atv AcmPca AgentRegistry/atv AgentRegistryControl/atv AiOps/atv
Amp/atv Amplify AmplifyBackend AmplifyUiBuilder/t ApiGateway ApiGatewayManagementApi ApiGatewayV2/a AppConfig
AppConfigData/t AppFabric/atv AppIntegrations/at AppMesh AppRunner AppStream AppSync/a Appflow/atv
ApplicationAutoScaling/v ApplicationCostProfiler/atv ApplicationDiscovery ApplicationInsights/av
ApplicationSignals/atv ArcRegionSwitch/a ArcZonalShift/atv Artifact/atv Athena AuditManager/atv AutoScaling
AutoScalingPlans/v B2Bi/atv Backup BackupGateway/atv BackupSearch/atv Batch BcmDashboards/atv BcmDataExports/atv
BcmPricingCalculator/atv BcmRecommendedActions/atv Bedrock/atv BedrockAgent/atv BedrockAgentCore/atv
BedrockAgentCoreControl/atv BedrockAgentRuntime/atv BedrockDataAutomation/atv BedrockDataAutomationRuntime/atv
BedrockRuntime/atv Billing/atv Billingconductor/atv Braket/atv Budgets/at Chatbot Chime/a ChimeSdkIdentity
ChimeSdkMediaPipelines ChimeSdkMeetings/t ChimeSdkMessaging ChimeSdkVoice/a CleanRooms/atv CleanRoomsMl/atv Cloud9
CloudControl/t CloudDirectory/av CloudFormation CloudFront CloudFrontKeyValueStore/av CloudHsm CloudHsmV2
CloudSearch/v CloudSearchDomain CloudTrail/at CloudTrailData CloudWatch/v CloudWatchLogs/atv CloudWatchOmni/atv
CodeBuild CodeCatalyst/atv CodeCommit/v CodeConnections/at CodeDeploy/t CodeGuruProfiler/tv CodeGuruReviewer/atv
CodeGuruSecurity/atv CodePipeline/v CodeStarConnections/at Codeartifact/atv CodestarNotifications/av CognitoIdentity
CognitoIdentityProvider/a CognitoSync Comprehend ComprehendMedical/v ComputeOptimizer/at
ComputeOptimizerAutomation/at Config/v Connect/at ConnectCampaigns/atv ConnectCampaignsV2/atv ConnectCases/atv
ConnectContactLens/at ConnectHealth/atv ConnectParticipant/atv ControlCatalog/atv ControlTower/atv
CostAndUsageReport/v CostExplorer CostOptimizationHub/atv CustomerProfiles/at DataBrew/av DataExchange/atv
DataPipeline DataSync DataZone/atv DatabaseMigration Dax Deadline/atv Detective/av DevOpsAgent/atv DevOpsGuru/atv
DeviceFarm DirectConnect Directory/a DirectoryServiceData/atv Dlm DocDb DocDbElastic/atv Drs/atv Dsql/atv DynamoDb/t
DynamoDbStreams Ebs/av Ec2 Ec2InstanceConnect/t Ecr/v EcrPublic Ecs/a Efs/tv Eks/at EksAuth/at ElastiCache
ElasticBeanstalk ElasticLoadBalancing ElasticLoadBalancingV2 Elasticsearch/av ElementalInference/av Emr
EmrContainers/v EmrServerless/v EntityResolution/atv EventBridge/at EventBridgeV2/at Evs/tv FSx Finspace/atv
FinspaceData/atv Firehose Fis/v Fms Forecast Forecastquery FraudDetector/atv FreeTier/atv GameLift
GameLiftStreams/atv GeoMaps/atv GeoPlaces/atv GeoRoutes/atv Glacier GlobalAccelerator/a Glue/atv Grafana/atv
Greengrass GreengrassV2/atv GroundStation GuardDuty/a Health HealthLake/atv Iam IamToolbox/av Identitystore/atv
Imagebuilder/a ImportExport Inspector/a Inspector2/atv InspectorScan/atv Interconnect/at InternetMonitor/atv
Invoicing/atv IoTFleetWise/atv IoTSecureTunneling IoTSiteWise/atv IoTThingsGraph/t IoTTwinMaker/atv Iot/tv
IotDataPlane/t IotDeviceAdvisor/v IotJobsDataPlane/tv IotManagedIntegrations/atv IotWireless/atv Ivs/atv
IvsRealTime/av Ivschat/atv Kafka KafkaConnect Kendra/atv KendraRanking/atv Keyspaces/av KeyspacesStreams/atv
Kinesis/av KinesisAnalytics KinesisAnalyticsV2 KinesisVideo/a KinesisVideoArchivedMedia KinesisVideoMedia
KinesisVideoSignaling KinesisVideoWebRtcStorage/a Kms LakeFormation/a Lambda LambdaCore LambdaMicrovms/atv
LaunchWizard/v LexModelBuilding/a LexModelsV2/tv LexRuntime LexRuntimeV2/atv LicenseManager/av
LicenseManagerLinuxSubscriptions/tv LicenseManagerUserSubscriptions/atv Lightsail/a Location/atv
LookoutEquipment/atv M2/atv MTurk MachineLearning Macie2/atv MailManager/atv ManagedBlockchain/at
ManagedBlockchainQuery/atv MarketplaceAgreement/atv MarketplaceCatalog/atv MarketplaceCommerceAnalytics
MarketplaceDeployment/atv MarketplaceDiscovery/atv MarketplaceEntitlement/t MarketplaceMetering/t
MarketplaceReporting/a MediaConnect MediaConvert MediaLive MediaPackage MediaPackageV2/atv MediaPackageVod
MediaStore MediaStoreData MediaTailor MedicalImaging/atv MemoryDb Mgn/atv MigrationHub/at MigrationHubConfig/at
MigrationHubOrchestrator/atv MigrationHubRefactorSpaces/atv MigrationHubStrategy/atv Mpa/atv Mq Mwaa/av
MwaaServerless/atv Neptune NeptuneGraph/atv Neptunedata/at NetworkFirewall/t NetworkFlowMonitor/atv
NetworkManager/atv NetworkMonitor/atv NetworkSecurityManager/atv Notifications/atv NotificationsContacts/atv
NovaAct/atv Oam/v ObservabilityAdmin/av Odb/atv Omics/atv OpenSearch/atv OpenSearchServerless/v Organizations/a
Osis/av Outposts/av PartnerCentralAccount/atv PartnerCentralBenefits/atv PartnerCentralChannel/atv
PartnerCentralRevenueMeasurement/atv PartnerCentralSelling/atv PaymentCryptography/atv PaymentCryptographyData/atv
PcaConnectorAd/atv PcaConnectorScep/atv Pcs/atv Personalize PersonalizeEvents PersonalizeRuntime Pi Pinpoint
PinpointEmail PinpointSmsVoice PinpointSmsVoiceV2/atv Pipes/tv Polly/tv Pricing/at PricingPlanManager/atv Proton/atv
QApps/atv QBusiness/atv QConnect/atv QuickSight/at Ram/t Rbin/v Rds RdsData/a Redshift RedshiftData/v
RedshiftServerless/atv Rekognition/at Repostspace/atv Resiliencehub/atv Resiliencehubv2/atv ResourceExplorer2/atv
ResourceGroups ResourceGroupsTaggingApi RolesAnywhere/av Route53/t Route53Domains Route53GlobalResolver/atv
Route53Profiles/atv Route53RecoveryCluster/atv Route53RecoveryControlConfig/atv Route53RecoveryReadiness/atv
Route53Resolver/atv RtbFabric/atv Rum/atv S3 S3Control S3Files/tv S3Outposts/atv S3Tables/a S3Vectors/av SageMaker
SageMakerA2IRuntime/tv SageMakerFeatureStoreRuntime SageMakerGeospatial/atv SageMakerMetrics SageMakerRuntime
SagemakerEdge SagemakerJobRuntime/atv Savingsplans/v Scheduler/tv Schemas SecretsManager SecurityAgent/atv
SecurityHub/atv SecurityIr/atv SecurityLake/at ServerlessApplicationRepository ServiceCatalog
ServiceCatalogAppRegistry/tv ServiceDiscovery ServiceQuotas/a Ses SesV2 Sfn/v Shield/a Signer/atv SignerData/av
Signin/av SimpleDb SimpleDbV2 SnowDeviceManagement/atv Snowball Sns/v SocialMessaging/av Sqs Ssm/atv SsmContacts/atv
SsmGuiConnect/atv SsmIncidents/atv SsmQuickSetup/atv SsmSap/v Sso SsoAdmin/atv SsoOidc/a StorageGateway Sts
SupplyChain/atv Support/t SupportApp/av SupportAuthz/atv Sustainability/atv Swf Synthetics/av TaxSettings/av
Textract/atv TimestreamInfluxDb/atv TimestreamQuery/atv TimestreamWrite/atv Tnb/atv Transcribe Transfer/at Translate
TrustedAdvisor/atv Uxc/atv VerifiedPermissions/atv VoiceId/atv VpcLattice/atv Waf WafRegional Wafv2
WellArchitected/atv Wickr Wisdom/av WorkDocs WorkMail WorkMailMessageFlow WorkSpaces/av WorkSpacesThinClient/atv
WorkSpacesWeb/atv WorkspacesInstances/atv XRay
"""


@cache
def _by_arn() -> dict[str, tuple[str, str]]:
    services = (service.partition("/") for service in _SERVICES.split())
    return {name.lower(): (name, shared) for name, _, shared in services}


def service_name(arn_name: str) -> str | None:
    """The name in errors for a service's name in ARNs: `dynamodb` → `DynamoDb`; None: there is no such service."""
    found = _by_arn().get(arn_name.lower())
    return found and found[0]


def models(arn_name: str, code: str) -> bool:
    """Whether an error code has an exception of its own in the service's model; true where nothing else is known."""
    if code in _ONLY_GENERIC:
        return False
    shared = _by_arn().get(arn_name.lower(), ("", "atv"))[1]
    return code not in _SHARED or _SHARED[code] in shared
