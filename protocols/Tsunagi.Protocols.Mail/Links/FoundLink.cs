using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// One link of a message, each different one once.
/// </summary>
/// <param name="Host">Where it leads: a name in lower case and A-labels without its last dot, or an address in its usual text (IPv6 without brackets). At most 253 characters.</param>
/// <param name="Place">Where it stood first.</param>
/// <param name="Form">What is peculiar.</param>
/// <param name="Shown">The host that its text shows, in the same form, where the text of an anchor is a host or a link and nothing else; else empty.</param>
/// <param name="LeadsTo">The host of a link within its parameters (one level: a redirector); else empty.</param>
/// <param name="User">The host that its user information reads as; else empty.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FoundLink(string Host, LinkPlace Place, LinkForm Form, string Shown, string LeadsTo, string User)
{
    /// <summary>The host is an address, not a name.</summary>
    public bool IsAddress => (Form & LinkForm.Address) != LinkForm.None;
}
