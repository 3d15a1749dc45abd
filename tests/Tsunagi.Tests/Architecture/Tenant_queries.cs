using System.Reflection;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Architecture;

public class Tenant_queries
{
    /// <summary>Every tenant query of the program.</summary>
    public static IReadOnlyList<TenantQuery> All { get; } =
        [.. global::Tsunagi.Host.Modules.All.Select(static m => m.GetType().Assembly).Append(typeof(TenantQuery).Assembly).Append(typeof(global::Tsunagi.Host.Modules).Assembly).Distinct()
            .SelectMany(static assembly => assembly.GetTypes())
            .SelectMany(static type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static field => field.FieldType == typeof(TenantQuery))
            .Select(static field => (TenantQuery)field.GetValue(null)!)];

    [Fact]
    public void Names_are_unique() => Assert.Equal(All.Count, All.Select(static q => q.Name).Distinct().Count());

    [Fact]
    public void There_are_some() => Assert.True(All.Count > 20, $"{All.Count} found");
}
