using System.Text.Json.Nodes;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Try;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Host.Demo;

/// <summary>
/// Mail of the demo that is worth looking at, each message with its why. (1) The classifier is taught by the demo's own samples, as <c>tsunagi mail train</c> does; (2) one address of a customer has a policy that acts,
/// and gets phishing, unwanted mail, a file that carries the test virus, a newsletter and business mail; (3) another customer's mail to others waits before it leaves, and one of its people writes to two addresses, of
/// which one is mistyped. Nothing is judged here: what the pages say is what the filter found. A virus scanner is asked where one is configured; without one the file is kept for what it is, a program.
/// </summary>
internal sealed class DemoShow : IAsyncDisposable
{
    /// <summary>The address whose policy acts.</summary>
    public const string Desk = "desk@harbor-cafe.example";

    /// <summary>Who sends mail that waits.</summary>
    public const string Sender = "it@minato-seikei.example";

    /// <summary>Message-IDs begin so.</summary>
    public const string Mark = "show.";

    private const int Examples = 400;
    private const int WaitMinutes = 10;
    private const string Partner = "sato@aozora-print.example";
    private const string Mistyped = "sato@aozora-pirnt.example";
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PolicyKnown = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ModelKnown = TimeSpan.FromSeconds(7);
    private readonly TimeProvider _time;
    private readonly SmtpReceiver _others = new("mail.others.example");
    private int _count;

    public DemoShow(TimeProvider time)
    {
        _time = time;
        _others.Taken = static _ => ValueTask.CompletedTask;
        _others.Start();
    }

    /// <summary>The server that plays everybody else's: mail to others leaves to it.</summary>
    public int OthersPort => _others.Port;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(DemoServer server, DemoWorld world, IReadOnlyList<DemoCustomer> customers, CancellationToken cancellationToken)
    {
        if (customers.FirstOrDefault(static customer => Desk.EndsWith("@" + customer.Domain, StringComparison.Ordinal)) is not { } harbor
            || customers.FirstOrDefault(static customer => Sender.EndsWith("@" + customer.Domain, StringComparison.Ordinal)) is not { } minato)
        {
            // Another file than the sample: nothing to show.
            return;
        }

        try
        {
            // (1)
            await TeachAsync(server.DataDirectory, cancellationToken);
            using var api = new DemoApi(server.Url);
            await api.SignInAsync(DemoWorld.OperatorEmail, world.Password, cancellationToken);

            // (2)
            await api.PutAsync(
                $"/mail/filter-policies/{world.TenantOf(harbor)}?scope=user&name={Uri.EscapeDataString(Desk)}",
                new JsonObject { ["tagOnly"] = false, ["quarantinePoints"] = 20, ["actions"] = new JsonObject { ["attachment.executable"] = "quarantine", ["clamav.virus"] = "quarantine" } }, cancellationToken);
            var made = await api.PostAsync("/mail/credentials", new { subscriptionId = world.SubscriptionOf(minato), userName = Sender, label = "Mail program" }, cancellationToken);
            var program = new DemoMailProgram(server.SubmissionPort, Sender, (string)made["secret"]!, _time);
            for (var i = 0; i < 3; i++)
            {
                await TryAsync(() => program.SendAsync([Partner], Letter(Sender, Partner, "Drawings of last week", "Thank you for the drawings.", null), cancellationToken));
            }

            // (3)
            await api.PutAsync($"/mail/filter-policies/{world.TenantOf(minato)}", new JsonObject { ["pending"] = new JsonObject { ["minutes"] = WaitMinutes } }, cancellationToken);
            await Task.Delay(PolicyKnown, _time, cancellationToken);
            await TryAsync(() => program.SendAsync([Partner, Mistyped], Letter(Sender, Partner, "お見積りの件", "お世話になっております。お見積書をお送りします。", null), cancellationToken));
            await Task.Delay(ModelKnown, _time, cancellationToken);
            while (true)
            {
                await TryAsync(() => BringAsync(server.SmtpPort, cancellationToken));
                await Task.Delay(Again, _time, cancellationToken);
                await TryAsync(() => program.SendAsync([Partner, Mistyped], Letter(Sender, Partner, "お見積りの件", "お世話になっております。お見積書をお送りします。", null), cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The demo ends.
        }
    }

    public ValueTask DisposeAsync() => _others.DisposeAsync();

    // A program that was killed is back in a moment: the next round has it.
    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (IOException)
        {
        }
    }

    private async Task TeachAsync(string data, CancellationToken cancellationToken)
    {
        var (trainer, tokens, samples) = (new ModelTrainer(TrainingOptions.Default), new MessageTokens(), new SampleMail(42, _time));
        for (var i = 0; i < Examples; i++)
        {
            var (message, isSpam) = samples.Example();
            tokens.Read(message);
            trainer.Add(tokens, isSpam);
        }

        foreach (var (_, _, message) in Enumerable.Range(0, 20).Select(_ => Phishing()))
        {
            tokens.Read(message);
            trainer.Add(tokens, isSpam: true);
        }

        if (trainer.Train(null, cancellationToken) is { } model)
        {
            var path = Path.Combine(data, "mail-classifier.model");
            await File.WriteAllBytesAsync(path + ".new", ModelFile.Write(model), cancellationToken);
            File.Move(path + ".new", path, overwrite: true);
        }
    }

    private async Task BringAsync(int port, CancellationToken cancellationToken)
    {
        await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", port, "sender.demo.example", NextHopTls.Opportunistic, _time, cancellationToken);
        foreach (var (from, to, message) in (IEnumerable<(string, string, byte[])>)
        [
            Phishing(),
            Of("offers@best-deals-4u.example", "LAST CHANCE!!! 90% off designer watches", "Act NOW, only 3 hours left!!!\nClick http://best-deals-4u.example/w?id=7\n100% genuine!!!"),
            Of("parcel@parcel-track.example", "Your parcel could not be delivered", "Open the attached label and print it.", ("label.com", "application/octet-stream", TestVirus())),
            Of("newsletter@gardenweek.example", "This week in the garden: frost, tulips, patience", "Cover the dahlias before Thursday.\n\nUnsubscribe: https://gardenweek.example/u"),
            Of("anna.berg@nordwind-logistics.example", "Delivery slots for week 48", "Hello,\n\nthe truck can be at your ramp on Tuesday at 10. Does that suit you?\n\nKind regards\nAnna Berg"),
            Of("t.sato@aozora-print.example", "お見積書送付の件", "いつもお世話になっております。\nご依頼いただきましたお見積書をお送りいたします。\n\n青空印刷 佐藤"),
        ])
        {
            await sender.SendAsync(from, [to], message);
        }
    }

    private (string From, string To, byte[] Message) Phishing() => Of(
        "security@kaede-bank-login.example", "Your account is locked", "Dear customer,\n\nwe noticed an unusual sign-in. Confirm your password within 24 hours, or your account is closed:\nhttp://kaede-bank-login.example/verify\n\nKaede Bank security");

    private (string From, string To, byte[] Message) Of(string from, string subject, string body, (string Name, string Type, byte[] Content)? file = null) => (from, Desk, Letter(from, Desk, subject, body, file));

    private byte[] Letter(string from, string to, string subject, string body, (string Name, string Type, byte[] Content)? file) =>
        SampleMail.Write(from, to, subject, body, file, _time.GetUtcNow(), $"{Mark}{++_count}.{_time.GetUtcNow().ToUnixTimeMilliseconds():x}@{from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..]}");

    // The test file of EICAR, which every scanner names and which does nothing; in two pieces, so that no scanner names this program.
    private static byte[] TestVirus() => System.Text.Encoding.ASCII.GetBytes("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
}
