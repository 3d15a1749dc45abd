using System.Text;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

public sealed class Trained_models
{
    private static readonly LinearModel Model = Train(120);
    private readonly MessageTokens _tokens = new();

    [Fact]
    public void Mail_of_both_kinds_never_seen_is_told_apart()
    {
        for (var seed = 10_000; seed < 10_100; seed++)
        {
            Assert.True(Judge(SampleMail.Make(seed, isSpam: true)).IsSpam);
            Assert.False(Judge(SampleMail.Make(seed, isSpam: false)).IsSpam);
        }
    }

    [Fact]
    public void The_reasons_are_words_of_the_message()
    {
        var spam = Judge(SampleMail.Make(10_001, isSpam: true));
        Assert.Equal(5, spam.ForSpam.Length);
        Assert.All(spam.ForSpam, static one => Assert.True(one.Weight > 0 && one.Feature.Text.Length > 0));
        Assert.Contains(spam.ForSpam, static one => one.Feature.Kind is TokenKind.Word or TokenKind.Subject);
        Assert.Equal(spam.ForSpam.OrderByDescending(static one => one.Weight), spam.ForSpam);
        Assert.All(spam.ForHam, static one => Assert.True(one.Weight < 0));
        Assert.InRange(spam.Score, 0.5, 1);
    }

    [Fact]
    public void Something_no_model_knows_is_not_spam() =>
        Assert.False(Judge(Encoding.UTF8.GetBytes("From: k@ex.example\r\nSubject: =?utf-8?B?44GU6KuL5rGC?=\r\n\r\nいつもお世話になっております。来月分の請求書をお送りします。\r\n")).IsSpam);

    [Fact]
    public void What_is_made_in_a_manner_no_example_was_is_less_spam_than_the_same_words_in_a_known_one()
    {
        var known = SampleMail.Make(10_001, isSpam: true);
        var strange = Encoding.UTF8.GetBytes("ARC-New: 1\r\nX-Novel: 2\r\nX-Other: a b\r\nX-Third: c\r\nX-Fourth: d\r\n" + Encoding.UTF8.GetString(known));
        Assert.True(Judge(known).Margin - Judge(strange).Margin > 0.3, $"{Judge(known).Margin} {Judge(strange).Margin}");
    }

    [Fact]
    public void The_same_examples_give_the_same_model() => Assert.Equal(ModelFile.Write(Train(40)), ModelFile.Write(Train(40)));

    [Fact]
    public void Too_few_examples_give_none_and_one_more_does()
    {
        var trainer = new ModelTrainer(new TrainingOptions { Bits = 16 });
        void Add(int seed, bool isSpam)
        {
            _tokens.Read(SampleMail.Make(seed, isSpam));
            trainer.Add(_tokens, isSpam);
        }

        Add(1, true);
        Add(2, true);
        Add(3, true);
        Add(4, true);
        Add(5, false);
        Add(6, false);
        Add(7, false);
        Assert.Null(trainer.Train(null, TestContext.Current.CancellationToken));
        Add(8, false);
        Assert.NotNull(trainer.Train(null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Examples_have_a_limit()
    {
        var trainer = new ModelTrainer(new TrainingOptions { Bits = 16, Examples = 2 });
        _tokens.Read(SampleMail.Make(1, isSpam: true));
        Assert.True(trainer.Add(_tokens, true));
        Assert.True(trainer.Add(_tokens, true));
        Assert.False(trainer.Add(_tokens, true));
        Assert.Equal(2, trainer.Spam);
    }

    [Fact]
    public void A_model_written_and_read_judges_alike()
    {
        var bytes = ModelFile.Write(Model);
        Assert.True(ModelFile.TryRead(bytes, out var read, out _));
        Assert.Equal((Model.Spam, Model.Ham, Model.Bits, Model.Threshold), (read!.Spam, read.Ham, read.Bits, read.Threshold));
        for (var seed = 20_000; seed < 20_050; seed++)
        {
            _tokens.Read(SampleMail.Make(seed, seed % 2 == 0));
            Assert.Equal(Model.MarginOf(_tokens), read.MarginOf(_tokens), 0.01);
        }

        Assert.Equal(bytes, ModelFile.Write(read));
    }

    [Fact]
    public void A_model_that_was_damaged_or_cut_is_refused()
    {
        var bytes = ModelFile.Write(Model);
        for (var at = 0; at < bytes.Length; at += 97)
        {
            bytes[at] ^= 0x20;
            Assert.False(ModelFile.TryRead(bytes, out _, out var problem));
            Assert.NotEmpty(problem);
            bytes[at] ^= 0x20;
            Assert.False(ModelFile.TryRead(bytes.AsSpan(0, at), out _, out _));
        }

        Assert.False(ModelFile.TryRead([.. bytes, 0], out _, out _));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    public void A_model_of_another_format_or_other_tokens_is_to_be_trained_anew(int at)
    {
        var bytes = ModelFile.Write(Model);
        bytes[at]--;
        Assert.False(ModelFile.TryRead(bytes, out _, out var problem));
        Assert.Contains("train it anew", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_its_features_add_is_its_margin()
    {
        _tokens.Read(SampleMail.Make(10_001, isSpam: true));
        var all = MessageClassifier.Classify(_tokens, Model, most: 100_000);
        var parts = all.ForSpam.Concat(all.ForHam).Sum(static one => one.Weight);
        Assert.InRange(parts + (MarginSum.Scale * Model.Bias) - Model.Threshold, all.Margin - 0.3, all.Margin + 0.3);
    }

    [Fact]
    public void A_message_and_its_kept_features_have_the_same_margin()
    {
        _tokens.Read(SampleMail.Make(30_000, isSpam: true));
        var kept = FeatureVector.Of(_tokens);
        Assert.True(FeatureVector.TryRead(kept.ToBytes(), out var read));
        Assert.Equal(Model.MarginOf(_tokens), Model.MarginOf(read!), 5);
        Assert.False(FeatureVector.TryRead(kept.ToBytes().AsSpan()[..^1], out _));
        Assert.Equal(10, FeatureVector.Of(_tokens, 10).Of((int)FeatureGroup.Words).Length);
    }

    [Fact]
    public void A_partys_word_corrects_its_like_and_leaves_other_mail_alone()
    {
        var newsletter = Newsletter("number one");
        var next = Newsletter("number two");
        Assert.True(Judge(newsletter).IsSpam);
        _tokens.Read(newsletter);
        var tenant = TenantModel.Train(Model, [(FeatureVector.Of(_tokens), false)], TestContext.Current.CancellationToken);
        Assert.Equal(1, tenant.Examples);
        Assert.False(Judge(next, tenant).IsSpam);
        for (var seed = 10_000; seed < 10_050; seed++)
        {
            Assert.True(Judge(SampleMail.Make(seed, isSpam: true), tenant).IsSpam, $"spam {seed} passes because of one newsletter");
            Assert.False(Judge(SampleMail.Make(seed, isSpam: false), tenant).IsSpam);
        }
    }

    [Fact]
    public void What_is_taken_back_leaves_no_trace()
    {
        var examples = Enumerable.Range(0, 20).Select(static seed => (Vector: Kept(SampleMail.Make(40_000 + seed, seed % 2 == 0)), IsSpam: seed % 3 == 0)).ToList();
        var before = TenantModel.Train(Model, examples, TestContext.Current.CancellationToken);
        _ = TenantModel.Train(Model, [.. examples, (Kept(SampleMail.Make(41_000, isSpam: true)), false)], TestContext.Current.CancellationToken);
        var again = TenantModel.Train(Model, examples, TestContext.Current.CancellationToken);
        _tokens.Read(SampleMail.Make(42_000, isSpam: true));
        Assert.Equal(before.MarginOf(_tokens), again.MarginOf(_tokens));
    }

    [Fact]
    public void A_party_without_a_shared_model_learns_alone()
    {
        var examples = Enumerable.Range(0, 60).Select(static seed => (Kept(SampleMail.Make(50_000 + seed, seed % 2 == 0)), seed % 2 == 0)).ToList();
        var tenant = TenantModel.Train(null, examples, TestContext.Current.CancellationToken);
        _tokens.Read(SampleMail.Make(51_000, isSpam: true));
        Assert.True(MessageClassifier.Classify(_tokens, null, tenant).IsSpam);
        _tokens.Read(SampleMail.Make(51_001, isSpam: false));
        Assert.False(MessageClassifier.Classify(_tokens, null, tenant).IsSpam);
    }

    // Made as the examples are, and of words of spam.
    private static byte[] Newsletter(string end) => Encoding.ASCII.GetBytes(
        "From: deals9@shop10.example\r\nTo: a@b.example\r\nSubject: winner prize\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n"
        + $"lottery casino prize\r\ncash winner guarantee\r\nmiracle pills lottery\r\nfrom shop.example deals9\r\nbargain basement clearance\r\n{end} shop10 tuesday\r\n");

    private static LinearModel Train(int count)
    {
        var trainer = new ModelTrainer(new TrainingOptions { Bits = 18, Folds = 4 });
        var tokens = new MessageTokens();
        for (var seed = 0; seed < count; seed++)
        {
            tokens.Read(SampleMail.Make(seed, seed % 2 == 0));
            trainer.Add(tokens, seed % 2 == 0);
        }

        return trainer.Train(null, CancellationToken.None)!;
    }

    private static FeatureVector Kept(byte[] message)
    {
        var tokens = new MessageTokens();
        tokens.Read(message);
        return FeatureVector.Of(tokens);
    }

    private Classification Judge(byte[] message, TenantModel? tenant = null)
    {
        _tokens.Read(message);
        return MessageClassifier.Classify(_tokens, Model, tenant, most: 5);
    }
}
