using System.Net.Http.Headers;

namespace Tsunagi.Core.Outbound;

/// <summary>What an HTTP host answered, or why there is no answer. Exactly one of <paramref name="Status"/> and <paramref name="Problem"/> is set.</summary>
/// <param name="Body">The whole body, within the limit.</param>
/// <param name="Problem">A sentence that may be shown to whoever gave the address.</param>
public sealed record OutboundAnswer(int? Status, HttpResponseHeaders? Headers, byte[] Body, string? Problem)
{
    public bool Ok => Status is >= 200 and < 300;
}
