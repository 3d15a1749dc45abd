using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Mail;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Classify;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Teach;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Mail.Delivery;
using Tsunagi.Tests.Mail.Quarantine;
using Tsunagi.Tests.Protocols.Mail.Classify;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Teach;

/// <summary>"Spam" and "not spam" on a node: what is learned, by whom, and for whom.</summary>
public sealed class Taught_by_people
{
    private const string Other = "t_root/t_two/";
    private static readonly byte[] Model = Train();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_word_moves_the_scores_of_its_own_tenant_and_nobody_elses()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllBytesAsync(Path.Combine(directory.Path, ModelPath.FileName), Model, Cancel);
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path);
        var content = SampleMail.Make(7_001, isSpam: true);
        var before = await LookAsync(node, content);
        Assert.Empty(before.OfTenants);
        Assert.True(ScoreOf(before.Evidence[0]) >= 50, before.Evidence[0].Code);

        var taught = await SayAsync(node, HeldMail.Administrator, await HeldAsync(node, content), isSpam: false);
        Assert.Equal((true, 1L), (taught.Changed, taught.Examples));
        var after = await LookAsync(node, content);
        Assert.Equal([HeldMail.Tenant], after.OfTenants.Keys);
        Assert.True(ScoreOf(after.OfTenants[HeldMail.Tenant]) < 50);
        Assert.Equal(before.Evidence[0].Values, after.Evidence[0].Values);

        // The other tenant's recipients are judged by what is said for everybody, whoever else gets the message.
        Assert.Equal(after.Evidence, after.For(Other));
        Assert.Equal(after.OfTenants[HeldMail.Tenant], Assert.Single(after.For(HeldMail.Tenant), static one => ClassifierCheck.IsVerdict(one.Code)));
        foreach (var seed in Enumerable.Range(8_000, 20))
        {
            var one = await LookAsync(node, SampleMail.Make(seed, seed % 2 == 0));
            Assert.Equal(one.Evidence, one.For(Other));
        }
    }

    [Fact]
    public async Task The_why_says_which_of_the_two_models_spoke_and_by_which_words()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllBytesAsync(Path.Combine(directory.Path, ModelPath.FileName), Model, Cancel);
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port, directory: directory.Path);
        var content = SampleMail.Make(7_002, isSpam: false);
        await SayAsync(node, HeldMail.Administrator, await HeldAsync(node, content), isSpam: true);
        var says = VerdictStory.Says((await LookAsync(node, content)).OfTenants[HeldMail.Tenant]);
        Assert.Matches(@"^It reads .* What spoke for it: what was taught here: “[^”]+” \([^)]+\).*; the shared model \(\d+ of 100 by itself\)", says.En);
        Assert.Contains("根拠: この組織で教えた内容: 「", says.Ja, StringComparison.Ordinal);
        Assert.Contains("共通モデル(単独では", says.Ja, StringComparison.Ordinal);

        // The stored verdict says the same when it is read again.
        var judged = Judge.Decide((await LookAsync(node, content)).For(HeldMail.Tenant), EffectivePolicy.BuiltIn);
        Assert.True(VerdictFacts.TryRead(VerdictFacts.Write(judged), out var kept, out _));
        Assert.Contains(kept.Evidence, one => VerdictStory.Says(one.Evidence) == says);
    }

    [Fact]
    public async Task A_second_press_changes_nothing_and_the_opposite_reverses()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var content = SampleMail.Make(7_003, isSpam: true);
        var held = await HeldAsync(node, content);
        Assert.True((await SayAsync(node, HeldMail.Administrator, held, isSpam: true)).Changed);
        Assert.False((await SayAsync(node, HeldMail.Administrator, held, isSpam: true)).Changed);
        Assert.True(ScoreOf((await LookAsync(node, content)).OfTenants[HeldMail.Tenant]) > 50);
        Assert.True((await SayAsync(node, HeldMail.Administrator, held, isSpam: false)).Changed);
        Assert.True(ScoreOf((await LookAsync(node, content)).OfTenants[HeldMail.Tenant]) < 50);
        Assert.False(await node.Services.GetRequiredService<TeachDesk>().WordOfAsync(HeldMail.Administrator, HeldMail.Tenant, held.MessageId, Cancel));

        // The recipient says the opposite of the administrator: the message is no example then.
        Assert.True((await SayAsync(node, HeldMail.Recipient("b@one.example"), held, isSpam: true)).Changed);
        Assert.Null(node.Services.GetRequiredService<TenantModels>().Of(HeldMail.Tenant));
        var noted = await node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM audit WHERE act = 'mail.classifier.taught'"), Cancel);
        Assert.Equal(3, noted);
        var events = await node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%mail.classifier.taught@1%'"), Cancel);
        Assert.Equal(3, events);
    }

    [Fact]
    public async Task What_was_said_on_one_node_is_known_on_another_within_a_second_and_forgotten_with_its_key()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        using var elsewhere = ActivatorUtilities.CreateInstance<TenantModels>(node.Services);
        await elsewhere.StartAsync(Cancel);
        await SayAsync(node, HeldMail.Administrator, await HeldAsync(node, SampleMail.Make(7_004, isSpam: true)), isSpam: true);
        var model = await node.SoonAsync(() => elsewhere.Of(HeldMail.Tenant), static found => found is not null);
        Assert.Equal(1, model!.Examples);
        await elsewhere.StopAsync(Cancel);

        var kept = await node.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT vector FROM mail_taught_example"), Cancel);
        Assert.False(FeatureVector.TryRead(Convert.FromBase64String(kept!), out _));
        Assert.True(await node.Services.GetRequiredService<ISecretBox>().DestroyAsync(HeldMail.Tenant, TaughtBook.Purpose, Cancel));
        using var later = ActivatorUtilities.CreateInstance<TenantModels>(node.Services);
        await later.LoadAsync(Cancel);
        Assert.Null(later.Of(HeldMail.Tenant));
    }

    [Fact]
    public async Task A_message_in_the_trace_teaches_while_its_content_is_here_and_what_was_said_is_reversed_when_it_is_gone()
    {
        await using var customer = new CustomerServer();
        await using var node = await MailNode.StartAsync();
        node.Sign("s_one", HeldMail.Tenant, "one.example", customer.Port, null, "customer");
        var id = await Delivery_of_mail.SendAsync(node, "postmaster@one.example");
        await Delivery_of_mail.StateAsync(node, id, "held");
        var desk = node.Services.GetRequiredService<TeachDesk>();
        Assert.Equal(RefusalKind.NotFound, (await desk.OfMessageAsync(HeldMail.Who("u_two", Other), id, true, Cancel)).Refusal!.Kind);
        var taught = await desk.OfMessageAsync(HeldMail.Administrator.Caller, id, true, Cancel);
        Assert.True(taught.Ok && taught.Value.Changed, taught.Refusal?.ToString());

        node.Sign("s_one", HeldMail.Tenant, "one.example", customer.Port);
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        Assert.True((await desk.OfMessageAsync(HeldMail.Administrator.Caller, id, false, Cancel)).Value!.Changed);
        var later = await Delivery_of_mail.SendAsync(node, "postmaster@one.example");
        await Delivery_of_mail.StateAsync(node, later, "delivered");
        await node.SoonAsync(() => node.Services.GetRequiredService<ContentDesk>().IsHere(later), static here => !here);
        var gone = await desk.OfMessageAsync(HeldMail.Administrator.Caller, later, true, Cancel);
        Assert.Equal("mail.classifier.gone", gone.Refusal?.Code);
        Assert.Contains("is no longer kept", gone.Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_speaks_of_own_unwanted_mail_only_and_nobody_of_anothers()
    {
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var held = await HeldAsync(node, SampleMail.Make(7_005, isSpam: true));
        var virus = (await HeldMail.RowsAsync(node, await HeldMail.PutAsync(node, HoldClass.Virus, "b@one.example")))[0];
        var desk = node.Services.GetRequiredService<TeachDesk>();
        Assert.Equal("mail.classifier.not-yours", (await desk.OfHeldAsync(HeldMail.Recipient("b@one.example"), virus.Id, false, Cancel)).Refusal!.Code);
        Assert.Equal(RefusalKind.NotFound, (await desk.OfHeldAsync(HeldMail.Recipient("c@one.example"), held.Id, true, Cancel)).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, (await desk.OfHeldAsync(new HeldActor(HeldMail.Who("u_two", Other), null), held.Id, true, Cancel)).Refusal!.Kind);
        Assert.True((await desk.OfHeldAsync(HeldMail.Recipient("b@one.example"), held.Id, false, Cancel)).Ok);
    }

    private static int ScoreOf(Evidence evidence) => int.Parse(evidence.Values[0].Text, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<HeldRow> HeldAsync(MailNode node, byte[] content)
    {
        var text = Encoding.ASCII.GetString(content);
        var message = await HeldMail.PutAsync(node, HeldMail.Facts(HoldClass.Spam, ["b@one.example"], content: text), text);
        return (await HeldMail.RowsAsync(node, message))[0];
    }

    private static async Task<Taught> SayAsync(MailNode node, HeldActor who, HeldRow row, bool isSpam)
    {
        var taught = await node.Services.GetRequiredService<TeachDesk>().OfHeldAsync(who, row.Id, isSpam, Cancel);
        Assert.True(taught.Ok, taught.Refusal?.ToString());
        return taught.Value;
    }

    private static async Task<Findings> LookAsync(MailNode node, byte[] content)
    {
        var check = node.Services.GetServices<ICheck>().OfType<ClassifierCheck>().Single();
        var message = new MessageUnderCheck
        {
            Id = "m_1", ClientAddress = IPAddress.Loopback, Helo = "x", IsTls = false, ReversePath = ReversePath.Null, Recipients = 2, Content = content, ForgedFields = 0, Time = DateTimeOffset.UnixEpoch,
            Tenants = [HeldMail.Tenant, Other],
        };
        List<Evidence> found = [];
        await check.RunAsync(message, found, Cancel);
        return new Findings(found, "", message.OfTenants);
    }

    private static byte[] Train()
    {
        var trainer = new ModelTrainer(new TrainingOptions { Bits = 16, Folds = 4 });
        var tokens = new MessageTokens();
        for (var seed = 0; seed < 120; seed++)
        {
            tokens.Read(SampleMail.Make(seed, seed % 2 == 0));
            trainer.Add(tokens, seed % 2 == 0);
        }

        return ModelFile.Write(trainer.Train(null, CancellationToken.None)!);
    }
}
