namespace Tsunagi.Core.Net;

/// <summary>Whether a connection was let in, or which limit refused it.</summary>
public enum ConnectionLimitOutcome
{
    Admitted,
    ListenerFull,
    AddressFull,
    TenantFull,
}
