using Tsunagi.Protocols.Mail.MtaSts;

namespace Tsunagi.Mail.Routes;

/// <summary>What is known of a domain's MTA-STS policy.</summary>
/// <param name="Policy">The policy in force; null where there is none.</param>
/// <param name="Id">Its version, as the DNS record had it when it was fetched.</param>
/// <param name="FetchedMicros">When it was fetched.</param>
/// <param name="Problem">Why the newest could not be had, though there is one; empty where nothing is wrong.</param>
/// <param name="ProblemAs">The same as a result-type of RFC 8460 section 4.3.</param>
internal sealed record StsState(StsPolicy? Policy, string Id, long FetchedMicros, string Problem = "", string ProblemAs = "")
{
    public static readonly StsState None = new(null, "", 0);

    /// <summary>Until when it is used without being fetched again; 0 without a policy.</summary>
    public long ExpiresMicros => Policy is null ? 0 : FetchedMicros + (long)Policy.MaxAge.TotalMicroseconds;
}
