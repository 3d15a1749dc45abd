namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>How an operation ended (RFC 4511 section 4.1.9 and appendix A). A server may answer with others; those have no name here.</summary>
public enum LdapResultCode
{
    /// <summary>success</summary>
    Success = 0,

    /// <summary>operationsError</summary>
    OperationsError = 1,

    /// <summary>protocolError</summary>
    ProtocolError = 2,

    /// <summary>timeLimitExceeded</summary>
    TimeLimitExceeded = 3,

    /// <summary>sizeLimitExceeded</summary>
    SizeLimitExceeded = 4,

    /// <summary>authMethodNotSupported</summary>
    AuthMethodNotSupported = 7,

    /// <summary>strongerAuthRequired: most often, that the connection must be protected by TLS first.</summary>
    StrongerAuthRequired = 8,

    /// <summary>referral: another server has what was asked for.</summary>
    Referral = 10,

    /// <summary>adminLimitExceeded</summary>
    AdminLimitExceeded = 11,

    /// <summary>unavailableCriticalExtension: a control that was critical is not known.</summary>
    UnavailableCriticalExtension = 12,

    /// <summary>confidentialityRequired</summary>
    ConfidentialityRequired = 13,

    /// <summary>noSuchAttribute</summary>
    NoSuchAttribute = 16,

    /// <summary>invalidAttributeSyntax</summary>
    InvalidAttributeSyntax = 21,

    /// <summary>noSuchObject: there is no such base.</summary>
    NoSuchObject = 32,

    /// <summary>invalidDNSyntax</summary>
    InvalidDnSyntax = 34,

    /// <summary>inappropriateAuthentication</summary>
    InappropriateAuthentication = 48,

    /// <summary>invalidCredentials</summary>
    InvalidCredentials = 49,

    /// <summary>insufficientAccessRights</summary>
    InsufficientAccessRights = 50,

    /// <summary>busy</summary>
    Busy = 51,

    /// <summary>unavailable</summary>
    Unavailable = 52,

    /// <summary>unwillingToPerform</summary>
    UnwillingToPerform = 53,

    /// <summary>other</summary>
    Other = 80,
}
