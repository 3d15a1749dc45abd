namespace Tsunagi.Protocols.Mail.Links;

/// <summary>What is peculiar to a link's form: facts, no judgement.</summary>
[Flags]
public enum LinkForm
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>The host is an address (RFC 3986 section 3.2.2: IP-literal, IPv4address).</summary>
    Address = 1,
    /// <summary>The address is not written as people read one: one number, octal, hexadecimal, fewer than four parts. Browsers read it; RFC 3986 section 7.4 warns of it.</summary>
    OddAddress = 2,
    /// <summary>There is user information before the host (RFC 3986 section 3.2.1) that itself reads as a host: "https://bank.example@evil.example".</summary>
    UserIsHost = 4,
    /// <summary>Other user information.</summary>
    User = 8,
    /// <summary>Octets of the host are percent-encoded (RFC 3986 section 2.1).</summary>
    EncodedHost = 16,
    /// <summary>The host has a label that is not ASCII, as U-label or as A-label (RFC 5890 section 2.3.2).</summary>
    International = 32,
    /// <summary>It stands within a parameter or the path of another link: where a redirector leads.</summary>
    Nested = 64,
    /// <summary>It has no scheme: "www.example.com". Mail programs make a link of it.</summary>
    NoScheme = 128,
    /// <summary>It is written so that no program makes a link of it: "hxxp", "example[.]com".</summary>
    Defanged = 256,
}
