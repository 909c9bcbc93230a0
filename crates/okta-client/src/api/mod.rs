//! Okta's resources, one file each: its view and the calls that return it.
//!
//! A call is a [`List`](crate::List): nothing is sent until it is given to a [`Client`](crate::Client). Each function
//! says what Okta does, the page size (default / most → what is asked), the rate-limit bucket, the role permission and
//! OAuth scope it needs, and where that is from. Permissions are marked [inf] throughout: Okta publishes no complete
//! map from permission to call.

pub mod agent_pool;
pub mod api_service;
pub mod api_token;
pub mod app;
pub mod app_feature;
pub mod app_grant;
pub mod app_group;
pub mod app_key;
pub mod app_secret;
pub mod app_token;
pub mod app_user;
pub mod attack_protection;
pub mod auth_claim;
pub mod auth_policy;
pub mod auth_scope;
pub mod authenticator;
pub mod authorization_server;
pub mod behavior;
pub mod brand;
pub mod captcha;
pub mod device;
pub mod device_assurance;
pub mod domain;
pub mod email_domain;
pub mod event_hook;
pub mod factor;
pub mod feature;
pub mod group;
pub mod group_owner;
pub mod group_push;
pub mod group_rule;
pub mod idp;
pub mod inline_hook;
pub mod linked_object;
pub mod log_event;
pub mod log_stream;
pub mod org;
pub mod org_setting;
pub mod policy;
pub mod principal_rate_limit;
pub mod profile_mapping;
pub mod rate_limit_setting;
pub mod realm;
pub mod resource_set;
pub mod role;
pub mod role_assignment;
pub mod security_events_provider;
pub mod threat_insight;
pub mod trusted_origin;
pub mod user;
pub mod user_grant;
pub mod user_type;
pub mod zone;
