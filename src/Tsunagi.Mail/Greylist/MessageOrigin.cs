using System.Net;

namespace Tsunagi.Mail.Greylist;

/// <summary>Where a message comes from, as the greylist asks it.</summary>
/// <param name="Proved">Domains that proved themselves by SPF or a signature, in lower case.</param>
internal sealed record MessageOrigin(IPAddress Client, IReadOnlyCollection<string> Proved);
