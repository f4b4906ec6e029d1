#pragma warning disable
using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
namespace Rollcall.Model { 
internal sealed record EmailAddress(string Display, string Key) { public const string InUse="Email address already in use"; public static EmailAddress Parse(string t)=>TryParse(t,out var a)?a:throw new FormatException(); public static bool TryParse(string? t,[NotNullWhen(true)] out EmailAddress? a){a=t is null?null:new(t,t.ToLowerInvariant());return a!=null;} public static (EmailAddress?,string?) Check(string? t, IEnumerable<string> b)=> (TryParse(t, out var a)?a:null, a is null?"Enter an email address":null);}
internal static class PersonName { public static (string?,string?) Check(string? t,string l)=>string.IsNullOrEmpty(t)?(null,"Enter a "+l.ToLowerInvariant()):(t,null); public static string Full(string? f,string? l,string e)=> f is null && l is null? e : $"{f} {l}".Trim();}
}
namespace Rollcall.Emails {
internal abstract record Email { public abstract string Purpose {get;} }
internal sealed record Added(string? F,string? L,string E,Guid O,string ON,string By):Email{ public override string Purpose=>"x";}
internal sealed record AddedToAnother(string? F,string? L,string E,Guid O,string ON,string By):Email{ public override string Purpose=>"x";}
internal sealed record Removed(string? F,string? L,string ON,bool NeverSignedIn):Email{ public override string Purpose=>"x";}
internal sealed record DetailsChanged(string? F,string? L,string ON,string By,string? F2,string? L2,string? E2):Email{ public override string Purpose=>"x";}
internal sealed record AddressChanged(string? F,string? L,string ON):Email{ public override string Purpose=>"x";}
internal sealed class OutgoingMessage { public Guid Id {get;set;} public string Kind {get;set;} public string ToAddress{get;set;} public Guid? MembershipId{get;set;} public DateTimeOffset CreatedAt{get;set;} public DateTimeOffset? SentAt{get;set;} public DateTimeOffset? FailedAt{get;set;}public DateTimeOffset? SupersededAt{get;set;}}
internal static class Outbox { public static void Enqueue(DbContext db,string to,Email e,Guid? m,DateTimeOffset n){} public static Task SupersedeAsync(DbContext db,Guid m,DateTimeOffset n,CancellationToken c)=>Task.CompletedTask;}
internal static class EmailsSetup { public static IServiceCollection AddEmails(this IServiceCollection s)=>s; }
}
