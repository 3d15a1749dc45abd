using System.Reflection;
using Microsoft.AspNetCore.Components;
using Tsunagi.Host;
using Tsunagi.Ui.Format;

namespace Tsunagi.Tests.Architecture;

/// <summary>What stands in the query of a page's address is anybody's text.</summary>
public class Query_parameters
{
    [Fact]
    public void Pages_take_them_as_texts_since_the_framework_breaks_on_what_is_no_number()
    {
        var found = Modules.All.Select(static module => module.GetType().Assembly).Append(typeof(Modules).Assembly).Append(typeof(QueryNumber).Assembly).Distinct()
            .SelectMany(static assembly => assembly.GetTypes()).SelectMany(static type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static property => property.GetCustomAttribute<SupplyParameterFromQueryAttribute>() is not null).ToList();
        Assert.NotEmpty(found);
        Assert.Equal([], found.Where(static property => property.PropertyType != typeof(string) && property.PropertyType != typeof(string[])).Select(static property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    [InlineData(" 1", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("s_01", null)]
    public void Numbers_in_them_are_numbers_or_nothing(string text, int? number) => Assert.Equal(number, QueryNumber.Of(text));
}
