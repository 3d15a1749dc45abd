using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Tax;

namespace Tsunagi.Tests.BackOffice;

/// <summary>The short form of the claim <c>billing.exact</c>.</summary>
public class Bills_against_a_reference
{
    [Fact]
    public void Random_lives_of_contracts_come_to_the_yen_of_the_slow_reference() =>
        Assert.Empty(Enumerable.Range(1, 400).Select(RandomContracts.Check).OfType<string>().Take(3));

    [Fact]
    public void Ended_and_bought_again_on_one_day_nets_to_zero() =>
        Assert.Empty(Enumerable.Range(1, 1_000).Select(RandomContracts.CheckBuyingAgain).OfType<string>().Take(3));

    /// <summary>NTA Q&amp;A 57: the tax is rounded once for each rate. Rounding each line would give 30.</summary>
    [Fact]
    public void Three_lines_of_105_yen_at_ten_per_cent_rounded_down_are_31_yen_of_tax() =>
        Assert.Equal((315, 31), Of(TaxRounding.Floor, 105, 105, 105));

    [Theory]
    [InlineData(TaxRounding.Floor, 5_999, 599)]
    [InlineData(TaxRounding.HalfUp, 2_865, 287)]
    [InlineData(TaxRounding.Floor, 2_865, 286)]
    [InlineData(TaxRounding.Ceiling, 2_861, 287)]
    [InlineData(TaxRounding.Floor, -2_865, -286)]
    [InlineData(TaxRounding.HalfUp, -2_865, -287)]
    public void Rounding_is_the_issuers_choice_and_goes_by_size(TaxRounding rounding, long net, long tax) => Assert.Equal((net, tax), Of(rounding, net));

    [Fact]
    public void Each_rate_has_its_own_sum_and_tax()
    {
        var profile = TaxProfile.Find("jp")!;
        var taxes = InvoiceTax.Of([(profile.RateOf(null), 105L), (profile.RateOf("reduced"), 99L), (profile.RateOf(null), 106L), (profile.RateOf("exempt"), 7L)], TaxRounding.Floor);
        Assert.Equal(
            [(TaxCategory.Standard, 10m, 211L, 21L), (TaxCategory.Reduced, 8m, 99L, 7L), (TaxCategory.Exempt, 0m, 7L, 0L)],
            taxes.Select(static tax => (tax.Category, tax.RatePercent, tax.NetMinor, tax.TaxMinor)));
    }

    /// <summary>Corporate numbers of the National Tax Agency and of a bank, as published; and each with one digit wrong.</summary>
    [Theory]
    [InlineData("T7000012050002", true)]
    [InlineData("T7000012050003", false)]
    [InlineData("T5010401067252", true)]
    [InlineData("T5010401067253", false)]
    [InlineData("7000012050002", false)]
    [InlineData("T700001205000", false)]
    public void Registration_number_has_a_check_digit(string text, bool holds) => Assert.Equal(holds, RegistrationNumber.IsJapanese(text));

    private static (long Net, long Tax) Of(TaxRounding rounding, params long[] lines)
    {
        var tax = Assert.Single(InvoiceTax.Of(lines.Select(static line => (TaxProfile.Find("jp")!.Standard, line)), rounding));
        return (tax.NetMinor, tax.TaxMinor);
    }
}
