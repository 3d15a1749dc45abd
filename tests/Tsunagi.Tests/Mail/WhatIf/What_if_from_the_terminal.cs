using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Host.Cli;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.WhatIf;

public sealed class What_if_from_the_terminal
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Past_mail_and_one_message_are_judged_anew_under_a_policy_in_a_file()
    {
        await using var running = await RunningNode.StartAsync();
        using var cli = new CliRun();
        var services = running.Node.App.Services;
        async Task<(int Code, string Output, string Error)> SayAsync(params string[] arguments) => await cli.RunAsync([.. arguments, "--data", running.Data]);

        var root = await services.GetRequiredService<Stores>().Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = 'provider'"), Cancel);
        var id = SpoolId.New(TimeProvider.System);
        var verdict = Judge.Decide([Evidence.Of("attachment.executable", ("file", "run.exe"), ("how", "by its name"))], EffectivePolicy.BuiltIn) with
        {
            Basis = new VerdictBasis(EvidenceCatalogue.Checks, [], GreylistStage.NotAsked, []) { Recipients = 1 },
        };
        services.GetRequiredService<RefusalWriter>().Add(new JudgedMessage(id, new AcceptFacts
        {
            AcceptedMicros = TimeProvider.System.NowMicros(), Flags = MessageFlags.None, TenantPath = root!, Subscription = "", ReversePath = "a@sender.example", Recipients = ["b@one.example"], SizeBytes = 1,
            Evidence = VerdictFacts.Write(verdict),
        }, "250 2.0.0 a test", verdict.Reason));
        var file = Path.Combine(running.Data, "policy.yaml");
        await File.WriteAllTextAsync(file, "tagOnly: false\nactions:\n  attachment.executable: reject\n", Cancel);
        JsonNode? answer = null;
        for (var attempt = 0; attempt < 200 && (long?)answer?["copies"] is not > 0; attempt++)
        {
            var (code, output, error) = await SayAsync("mail", "whatif", "policy", root!.TrimEnd('/'), "--policy", file, "--days", "1", "--json");
            Assert.True(code == 0, error);
            answer = JsonNode.Parse(output);
        }

        var change = Assert.Single(answer!["changes"]!.AsArray())!;
        Assert.Equal(("tag", "reject", 1L), ((string)change["from"]!["action"]!, (string)change["to"]!["action"]!, (long)change["copies"]!));
        Assert.Equal((id.ToString(), "attachment.executable"), ((string)change["newest"]![0]!["messageId"]!, (string)change["newest"]![0]!["after"]!));
        var told = (await SayAsync("mail", "whatif", "policy", root!.TrimEnd('/'), "--policy", file)).Output;
        Assert.Contains("1 messages, 1 copies: 0 as they were, 1 otherwise", told, StringComparison.Ordinal);
        Assert.Contains("sender.example 1", told, StringComparison.Ordinal);
        var one = await SayAsync("mail", "whatif", "message", id.ToString(), "--policy", file, "--json");
        Assert.Equal(("tag", "reject"), ((string)JsonNode.Parse(one.Output)!["items"]![0]!["was"]!, (string)JsonNode.Parse(one.Output)!["items"]![0]!["would"]!));
        Assert.Contains("run.exe is a program", (await SayAsync("mail", "whatif", "message", id.ToString())).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await SayAsync("mail", "whatif", "message", "m_01m89y21yfntzk2135jbxkza6a")).Code);
        Assert.Equal(2, (await SayAsync("mail", "whatif", "policy", root.TrimEnd('/'), "--days", "401")).Code);
    }
}
