using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Reporting.Dmarc;

/// <summary>
/// Mail in the name of domains that ask for reports, by day (UTC). Rows are bounded, since strangers make them: so many domains of a day, records of a domain, records of all; what is beyond is counted as left out. One host makes
/// <see cref="MostOfSource"/> of a domain's kinds, or it could fill the report with names that it makes up; further ones lose those names.
/// </summary>
internal sealed partial class DmarcCounts(Stores stores, MailOptions options, TimeProvider time, ILogger<DmarcCounts> log, IMailDns? dns = null)
    : DayCounts<DmarcSighting>("mail by domain for DMARC reports", MostKinds, options.DmarcReports.WriteEvery, stores, time, log)
{
    /// <summary>Kinds of one domain from one host, before what the host may write as it likes is left out of further ones.</summary>
    internal const int MostOfSource = 50;

    private const int MostKinds = 50_000;

    private readonly Dictionary<(long, string, string), int> _ofSource = [];
    private long _toldOf;

    public bool IsOn => dns is not null && options.SendsDmarcReports;

    public long Day => Today;

    protected override DmarcSighting AsCounted(DmarcSighting kind)
    {
        var source = (kind.DayAt, kind.Domain, kind.Source);
        var kinds = _ofSource.GetValueOrDefault(source);
        if (kinds > 0 || _ofSource.Count < MostKinds)
        {
            _ofSource[source] = kinds + 1;
        }

        return kinds < MostOfSource ? kind : kind.Coarse();
    }

    protected override void Begin() => _ofSource.Clear();

    protected override async ValueTask<bool> WriteAsync(ISqlTransaction transaction, IReadOnlyList<KeyValuePair<DmarcSighting, long>> counts)
    {
        var known = new Dictionary<(long DayAt, string Domain), long?>();
        var together = new Dictionary<long, (long Domains, long Records)>();
        foreach (var (seen, messages) in counts)
        {
            var (domains, records) = together.TryGetValue(seen.DayAt, out var day) ? day : together[seen.DayAt] = await TogetherAsync(transaction, seen.DayAt);

            // Null: its day has no room for it.
            if (!known.TryGetValue((seen.DayAt, seen.Domain), out var own))
            {
                own = await RecordsOfAsync(transaction, seen) ?? (domains < options.DmarcReports.MaxDomains ? await BeginAsync(transaction, seen) : null);
                domains += own == 0 ? 1 : 0;
            }

            if (own is null)
            {
                await LeaveOutAsync(transaction, seen.DayAt, "", messages);
                TellFull(seen.DayAt);
            }
            else if (!await CountAsync(transaction, seen, messages))
            {
                var isNew = await CountNewAsync(transaction, seen, messages, own < options.DmarcReports.MaxRecords && records < options.DmarcReports.MaxRecordsTogether);
                (own, records) = isNew ? (own + 1, records + 1) : (own, records);
            }

            known[(seen.DayAt, seen.Domain)] = own;
            together[seen.DayAt] = (domains, records);
            if (own is not null)
            {
                await transaction.ExecuteAsync(
                    "UPDATE mail_dmarc_domain SET published = @Published, passed = passed + @Passed, good = good + @Good, records = @Records WHERE day_at = @DayAt AND domain = @Domain",
                    new { seen.Published, Passed = seen.Passes ? messages : 0L, Good = seen.IsGood ? messages : 0L, Records = own.Value, seen.DayAt, seen.Domain });
            }
        }

        return true;
    }

    // A kind that has no row yet; false when it gets none.
    private static async ValueTask<bool> CountNewAsync(ISqlTransaction transaction, DmarcSighting seen, long messages, bool hasRoom)
    {
        if (await transaction.FirstOrDefaultAsync<long>(
            "SELECT count(*) FROM mail_dmarc_seen WHERE day_at = @DayAt AND domain = @Domain AND source = @Source", new { seen.DayAt, seen.Domain, seen.Source }) >= MostOfSource)
        {
            seen = seen.Coarse();
            if (await CountAsync(transaction, seen, messages))
            {
                return false;
            }
        }

        if (hasRoom)
        {
            await InsertAsync(transaction, seen, messages);
        }
        else
        {
            await LeaveOutAsync(transaction, seen.DayAt, seen.Domain, messages);
        }

        return hasRoom;
    }

    private static async ValueTask<(long Domains, long Records)> TogetherAsync(ISqlTransaction transaction, long dayAt)
    {
        var row = await transaction.FirstOrDefaultAsync<TogetherRow>(
            "SELECT count(*) AS domains, CAST(coalesce(sum(records), 0) AS bigint) AS records FROM mail_dmarc_domain WHERE day_at = @DayAt AND domain <> ''", new { DayAt = dayAt });
        return (row?.Domains ?? 0, row?.Records ?? 0);
    }

    private static async ValueTask<long?> RecordsOfAsync(ISqlTransaction transaction, DmarcSighting seen) =>
        await transaction.FirstOrDefaultAsync<RecordsRow>("SELECT records FROM mail_dmarc_domain WHERE day_at = @DayAt AND domain = @Domain", new { seen.DayAt, seen.Domain }) is { } row ? row.Records : null;

    private static async ValueTask<long?> BeginAsync(ISqlTransaction transaction, DmarcSighting seen)
    {
        await transaction.ExecuteAsync(
            "INSERT INTO mail_dmarc_domain (day_at, domain, published, passed, good, records, left_out) VALUES (@DayAt, @Domain, @Published, 0, 0, 0, 0)", new { seen.DayAt, seen.Domain, seen.Published });
        return 0;
    }

    private static async ValueTask<bool> CountAsync(ISqlTransaction transaction, DmarcSighting seen, long messages) => await transaction.ExecuteAsync(
        "UPDATE mail_dmarc_seen SET messages = messages + @Messages WHERE day_at = @DayAt AND domain = @Domain AND hash = @Hash", new { Messages = messages, seen.DayAt, seen.Domain, Hash = seen.Hash() }) > 0;

    private static ValueTask<int> InsertAsync(ISqlTransaction transaction, DmarcSighting seen, long messages) => transaction.ExecuteAsync(
        """
        INSERT INTO mail_dmarc_seen (day_at, domain, hash, source, header_from, envelope_from, envelope_to, disposition, reason, dkim, spf, signatures, spf_result, messages)
        VALUES (@DayAt, @Domain, @Hash, @Source, @HeaderFrom, @EnvelopeFrom, @EnvelopeTo, @Disposition, @Reason, @Dkim, @Spf, @Signatures, @SpfResult, @Messages)
        """,
        new
        {
            seen.DayAt, seen.Domain, Hash = seen.Hash(), seen.Source, seen.HeaderFrom, seen.EnvelopeFrom, seen.EnvelopeTo, Disposition = seen.Disposition.ToString(), Reason = seen.Reason?.ToString() ?? "",
            Dkim = seen.Dkim ? 1L : 0L, Spf = seen.Spf ? 1L : 0L, seen.Signatures, seen.SpfResult, Messages = messages,
        });

    private static ValueTask<int> LeaveOutAsync(ISqlTransaction transaction, long dayAt, string domain, long messages) => transaction.ExecuteAsync(
        """
        INSERT INTO mail_dmarc_domain (day_at, domain, published, passed, good, records, left_out) VALUES (@DayAt, @Domain, '', 0, 0, 0, @Messages)
        ON CONFLICT (day_at, domain) DO UPDATE SET left_out = mail_dmarc_domain.left_out + excluded.left_out
        """,
        new { DayAt = dayAt, Domain = domain, Messages = messages });

    private void TellFull(long dayAt)
    {
        if (Interlocked.Exchange(ref _toldOf, dayAt) != dayAt)
        {
            LogFull(log, options.DmarcReports.MaxDomains);
        }
    }

    private sealed record TogetherRow(long Domains, long Records);

    private sealed record RecordsRow(long Records);

    [LoggerMessage(2941, LogLevel.Warning, "more than {Domains} domains ask for DMARC reports today (mail.dmarcReports.maxDomains); mail of further ones is left out of reports")]
    private static partial void LogFull(ILogger log, int domains);
}
