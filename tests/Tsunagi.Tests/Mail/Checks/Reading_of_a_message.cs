using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Nodes;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Protocols.Mail.Classify;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

public sealed class Reading_of_a_message : IDisposable
{
    private static readonly byte[] Model = Train();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nothing_is_said_before_there_is_a_model_and_a_new_one_is_taken_up()
    {
        using var shared = Shared();
        var check = new ClassifierCheck(shared);
        Assert.Empty(await RunAsync(check, SampleMail.Make(9_000, isSpam: true)));
        await File.WriteAllBytesAsync(Path.Combine(_directory.Path, "x.model"), Model, TestContext.Current.CancellationToken);
        shared.Load();
        Assert.Single(await RunAsync(check, SampleMail.Make(9_000, isSpam: true)));
        await File.WriteAllBytesAsync(Path.Combine(_directory.Path, "x.model"), Model.AsMemory(0, 500), TestContext.Current.CancellationToken);
        shared.Load();
        Assert.NotNull(shared.Current);
    }

    [Fact]
    public async Task A_model_that_could_not_be_read_for_a_moment_is_read_without_the_file_being_another()
    {
        var path = Path.Combine(_directory.Path, "x.model");
        await File.WriteAllBytesAsync(path, Model, TestContext.Current.CancellationToken);
        using var shared = Shared();
        await using (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None))
        {
            shared.Load();
            Assert.Null(shared.Current);
        }

        shared.Load();
        Assert.NotNull(shared.Current);
    }

    [Fact]
    public async Task What_it_reads_like_is_evidence_with_the_words_that_said_so_and_points_by_policy()
    {
        await File.WriteAllBytesAsync(Path.Combine(_directory.Path, "x.model"), Model, TestContext.Current.CancellationToken);
        using var shared = Shared();
        shared.Load();
        var check = new ClassifierCheck(shared);
        var found = Assert.Single(await RunAsync(check, SampleMail.Make(9_001, isSpam: true)));
        Assert.True(found.Code is ClassifierCheck.Spam or ClassifierCheck.SureSpam, found.Code);
        var says = VerdictStory.Says(found);
        Assert.Contains("of 100). What spoke for it: “", says.En, StringComparison.Ordinal);
        Assert.Contains("根拠: 「", says.Ja, StringComparison.Ordinal);
        Assert.DoesNotContain("{1}", says.En, StringComparison.Ordinal);

        var built = Judge.Decide([found], EffectivePolicy.BuiltIn);
        Assert.Equal(PolicyAction.Tag, built.Action);
        Assert.Equal(found.Code == ClassifierCheck.Spam ? 10 : 30, built.Points);
        Assert.Equal(0, Judge.Decide([found], EffectivePolicy.BuiltIn.With(new FilterPolicy { ClassifierPoints = 0 }, "tenant")).Points);
        Assert.True(VerdictFacts.TryRead(VerdictFacts.Write(built), out var kept, out _));
        Assert.Equal(says, VerdictStory.Says(kept.Evidence[0].Evidence));

        var ham = Assert.Single(await RunAsync(check, SampleMail.Make(9_002, isSpam: false)));
        Assert.NotEqual(PolicyAction.Tag, Judge.Decide([ham], EffectivePolicy.BuiltIn).Action);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(10_000, true)]
    [InlineData(-1, false)]
    [InlineData(10_001, false)]
    public void What_it_is_worth_has_limits(int points, bool taken) => Assert.Equal(taken, new FilterPolicy { ClassifierPoints = points }.Check() is null);

    private static byte[] Train()
    {
        var trainer = new ModelTrainer(new TrainingOptions { Bits = 18, Folds = 4 });
        var tokens = new MessageTokens();
        for (var seed = 0; seed < 120; seed++)
        {
            tokens.Read(SampleMail.Make(seed, seed % 2 == 0));
            trainer.Add(tokens, seed % 2 == 0);
        }

        return ModelFile.Write(trainer.Train(null, CancellationToken.None)!);
    }

    private static async Task<List<Evidence>> RunAsync(ClassifierCheck check, byte[] content)
    {
        List<Evidence> found = [];
        await check.RunAsync(
            new MessageUnderCheck
            {
                Id = "m_1", ClientAddress = IPAddress.Loopback, Helo = "x", IsTls = false, ReversePath = ReversePath.Null, Recipients = 1, Content = content, ForgedFields = 0, Time = DateTimeOffset.UnixEpoch,
            },
            found, TestContext.Current.CancellationToken);
        return found;
    }

    private SharedModel Shared() =>
        new(new FilterOptions { ClassifierModel = "x.model" }, new Node("n", "b", _directory.Path), TimeProvider.System, null, NullLogger<SharedModel>.Instance);
}
