namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>A SOAP envelope with the headers of CWMP (TR-069 A6 3.5) and one message.</summary>
public sealed record CwmpEnvelope
{
    /// <summary>Of the message's namespace; an answer is written in that of the session's Inform.</summary>
    public CwmpVersion Version { get; init; }

    /// <summary>cwmp:ID: the response carries that of its request. Null when there is none.</summary>
    public string? Id { get; init; }

    /// <summary>cwmp:HoldRequests: the ACS asks the device to send no requests for now.</summary>
    public bool HoldRequests { get; init; }

    /// <summary>cwmp:NoMoreRequests (deprecated): the sender has none.</summary>
    public bool NoMoreRequests { get; init; }

    /// <summary>cwmp:SessionTimeout of an Inform, in seconds (since 1.4); 0 when there is none.</summary>
    public int SessionTimeoutSeconds { get; init; }

    /// <summary>cwmp:SupportedCWMPVersions of an Inform (since 1.4): "1.0,1.2,1.4"; null when there is none.</summary>
    public string? SupportedVersions { get; init; }

    /// <summary>cwmp:UseCWMPVersion of an InformResponse (since 1.4); null when there is none.</summary>
    public string? UseVersion { get; init; }

    /// <summary>What is said.</summary>
    public required CwmpMessage Message { get; init; }
}
