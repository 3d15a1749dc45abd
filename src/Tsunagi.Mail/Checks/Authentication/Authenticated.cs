using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Mail.Checks.Authentication;

/// <summary>What the authentication check found, whole: for who reports it to the author's domain.</summary>
/// <param name="Spf">Null where the client is not known.</param>
/// <param name="Dmarc">Null where From holds no domain.</param>
internal sealed record Authenticated(SpfResult? Spf, ImmutableArray<DkimResult> Dkim, DmarcResult? Dmarc);
