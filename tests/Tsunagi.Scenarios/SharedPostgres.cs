[assembly: AssemblyFixture(typeof(Tsunagi.Tests.Testing.SharedPostgres))]
