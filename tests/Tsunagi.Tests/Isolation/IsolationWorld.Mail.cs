using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Reports;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Isolation;

/// <summary>Mail that arrived and is held, and what it is signed with.</summary>
internal sealed partial class IsolationWorld
{
    /// <summary>A message that was taken in by SMTP and waits, the report about it, and what both cost.</summary>
    private async Task FillMailAsync()
    {
        await UntilAsync(async () => (JsonArray)(await Owner.GetAsync($"/subscriptions/{_things["subscription"]}/running"))["items"]!, static nodes => nodes.Any(static node => node!["whyNotYet"] is null));
        var port = Node.Services.GetRequiredService<MailListener>().EndPoints[0].Port;
        await using (var sender = await SmtpSender.ConnectAsync("127.0.0.1", port, "sender.example", NextHopTls.Never, TimeProvider.System, CancellationToken.None))
        {
            var result = await sender.SendAsync("a@sender.example", ["b@owner.example"], Encoding.ASCII.GetBytes("Subject: s\r\nMessage-ID: <one@sender.example>\r\n\r\nhello\r\n"));
            Assert.True(result.IsAccepted, string.Join(' ', result.Replies));
        }

        var waiting = await UntilAsync(
            async () => (JsonArray)(await Owner.GetAsync("/mail/messages?state=deferred"))["items"]!, static items => items.Count == 1);
        _things["message"] = (string)waiting[0]!["id"]!;
        _things["nextHop"] = NextHop;
        var (asked, _) = await IsolationCheck.SendAsync(this, Owner, new WriteCase("POST", "/console/mail/policies", new Dictionary<string, string>
        {
            ["tenant"] = _things["tenant"], ["scope"] = "tenant", ["enabled"] = "false", ["act"] = "what-if",
        }));
        _things["whatIf"] = ((string)JsonNode.Parse(asked.Text)!["href"]!).Split('/')[^1];
        await FillQuarantineAsync();
        _things["report"] = await AddReportAsync();
        await FillReportsAsync();
        await AddDeltasAsync();
    }

    /// <summary>Messages that are held, and rules about senders.</summary>
    private async Task FillQuarantineAsync()
    {
        var path = await Node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = _things["tenant"] }), CancellationToken.None);
        foreach (var number in (string[])["", "2", "3", "4", "5"])
        {
            await HeldMail.PutAsync(
                Node.Services, HeldMail.Facts(HoldClass.Spam, ["b@owner.example"], path!, _things["subscription"], subject: "Owner's bill") with { ReversePath = "x@sender.example" }, HeldMail.Content);
            var items = await UntilAsync(async () => (JsonArray)(await Owner.GetAsync("/mail/quarantine"))["items"]!, items => items.Count == (number.Length == 0 ? 1 : number[0] - '0'));
            _things["held" + number] = (string)items[0]!["id"]!;
            if (number is "" or "2")
            {
                _things["sender" + number] = Id(await Owner.PostAsync("/mail/senders", new { scope = "recipient", owner = "b@owner.example", sender = $"x{number}@sender.example", rule = "block" }));
            }
        }

        // A message that waits before it leaves.
        var pending = await HeldMail.PutAsync(
            Node.Services,
            HeldMail.Facts(HoldClass.None, ["one@owner.example", "two@owner.example", "three@owner.example", "four@owner.example"], path!, _things["subscription"], subject: "Owner's pending mail") with
            {
                ReversePath = "b@owner.example", PendingUntilMicros = UnixMicros.From(TimeProvider.System.GetUtcNow().AddHours(1)), Doubts = ["", "owner2.example", "", ""],
            },
            HeldMail.Content);
        var waits = await UntilAsync(async () => (JsonArray)(await Owner.GetAsync("/mail/pending?text=" + pending))["items"]!, static items => items.Count == 4);
        for (var i = 0; i < waits.Count; i++)
        {
            _things["pending" + (i == 0 ? "" : (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture))] = (string)waits[i]!["id"]!;
        }

        // A message that another server asked about, and what both filters said of it.
        Node.Services.GetRequiredService<RefusalWriter>().Add(new JudgedMessage(
            SpoolId.New(TimeProvider.System), HeldMail.Facts(HoldClass.None, ["b@owner.example"], path!, _things["subscription"], subject: "Owner's watched mail"), "", "")
        {
            Shadow = new ShadowWord("owner.example", ShadowWord.Clean, "accept", ShadowWord.Spam, "X-Spam: Yes"),
        });
        await UntilAsync(async () => (JsonArray)(await Owner.GetAsync("/mail/shadow/messages"))["items"]!, static items => items.Count == 1);
        await FillSigningAsync(path!);

        // As its recipient would by the link of a digest.
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE mail_held SET state = 'requested' WHERE id = @Id", new { Id = _things["held5"] }), CancellationToken.None);
    }

    /// <summary>Reports that others sent about the owner's domain: of its mail, and of sessions with its servers.</summary>
    private async Task FillReportsAsync()
    {
        var path = await Node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = _things["tenant"] }), CancellationToken.None);
        var caller = Caller.System(new TenantScope(_things["tenant"], path!));
        foreach (var file in (string[])[IsolationCases.AggregateReport(), FeedbackSample.Tls("owner.example", "Owner's sessions", IsolationCases.Yesterday().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))])
        {
            var taken = await Node.Services.GetRequiredService<ReportDesk>().UploadAsync(caller, "", Encoding.UTF8.GetBytes(file), CancellationToken.None);
            Assert.True(taken.Ok, taken.Refusal?.Message);
            _things["mailReport"] = _things.TryGetValue("mailReport", out var first) ? first : taken.Value[0].Id;
        }

        _things["reportedDomain"] = "owner.example";
    }

    /// <summary>Keys in use, as if their records had been found in the DNS.</summary>
    private async Task FillSigningAsync(string path)
    {
        await Node.Services.GetRequiredService<SigningKeeper>().MakeNextAsync(path, "owner.example", CancellationToken.None);
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE mail_dkim_key SET state = 'used', used_at = created_at WHERE domain = 'owner.example'"), CancellationToken.None);
        _things["signedDomain"] = "owner.example";
        foreach (var number in (string[])["", "2"])
        {
            // A directory belongs to a subscription and has its id.
            _things["directory" + number] = Id(await Owner.PostAsync("/subscriptions", new
            {
                tenantId = _things["tenant"], plan = "mail", name = "Owner's directory" + number, settings = new { domains = new[] { "owner.example" }, nextHop = NextHop },
            }));
            await Owner.PutAsync($"/mail/directories/{_things["directory" + number]}", IsolationCases.Directory);
            var made = await Owner.PostAsync("/mail/credentials", new { subscriptionId = _things["subscription"], userName = $"device{number}@owner.example", label = "Owner's device" });
            _things["credential" + number] = (string)made["credential"]!["id"]!;
        }
    }
}
