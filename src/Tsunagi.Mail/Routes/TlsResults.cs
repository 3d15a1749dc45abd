using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Reporting.Daily;

namespace Tsunagi.Mail.Routes;

/// <summary>How sessions with other domains' servers went, by day (UTC). Nothing is counted while reports are off.</summary>
internal sealed class TlsResults(Stores stores, MailOptions options, TimeProvider time, ILogger<TlsResults> log)
    : DayCounts<TlsResultKind>("results of TLS sessions", mostKinds: 100_000, TimeSpan.FromMinutes(1), stores, time, log)
{
    /// <param name="result">A result-type of RFC 8460 section 4.3; empty for a session that went well.</param>
    /// <param name="address">The server's; empty where none was dialled.</param>
    public void Count(Route route, RouteServer server, string address, string result)
    {
        if (!options.TlsReports.IsOn || options.Outbound.Route != DepartureRoute.Mx)
        {
            return;
        }

        var kind = new TlsResultKind(
            Today, route.Domain, server.Demand.ReportType, PolicyOf(server.Demand), result, result.Length > 0 ? server.Host.Name : "", result.Length > 0 ? address : "");
        Add(kind, 1);
    }

    /// <summary>A session without the policy that is there and could not be had (RFC 8460 section 4.3.2.1).</summary>
    public void CountPolicy(string domain, string result)
    {
        if (options.TlsReports.IsOn && options.Outbound.Route == DepartureRoute.Mx)
        {
            Add(new TlsResultKind(Today, domain, "sts", "[]", result, "", ""), 1);
        }
    }

    protected override async ValueTask<bool> WriteAsync(ISqlTransaction transaction, IReadOnlyList<KeyValuePair<TlsResultKind, long>> counts)
    {
        foreach (var (kind, sessions) in counts)
        {
            await transaction.ExecuteAsync(
                """
                INSERT INTO mail_tls_result (day_at, domain, hash, policy_type, policy, result, mx, sending, receiving, reason, sessions)
                VALUES (@DayAt, @Domain, @Hash, @PolicyType, @Policy, @Result, @Mx, '', @Receiving, '', @Sessions)
                ON CONFLICT (day_at, domain, hash) DO UPDATE SET sessions = mail_tls_result.sessions + excluded.sessions
                """,
                new { kind.DayAt, kind.Domain, Hash = kind.Hash(), kind.PolicyType, kind.Policy, kind.Result, kind.Mx, kind.Receiving, Sessions = sessions });
        }

        return true;
    }

    private static string PolicyOf(TlsDemand demand) => demand.Policy switch
    {
        TlsPolicy.Dane or TlsPolicy.DaneUnauthenticated => JsonSerializer.Serialize(demand.Tlsa.Select(static record => record.ToString())),
        TlsPolicy.StsEnforce or TlsPolicy.StsTesting => JsonSerializer.Serialize(demand.Sts!.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)),
        _ => "[]",
    };
}

/// <summary>Sessions that went alike.</summary>
/// <param name="DayAt">The first microsecond of the day, UTC.</param>
/// <param name="Policy">The policy's lines, a JSON array of texts.</param>
/// <param name="Result">Empty where they went well; then neither server nor address are told apart.</param>
internal sealed record TlsResultKind(long DayAt, string Domain, string PolicyType, string Policy, string Result, string Mx, string Receiving)
{
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', PolicyType, Policy, Result, Mx, Receiving))).AsSpan(0, 16));
}
