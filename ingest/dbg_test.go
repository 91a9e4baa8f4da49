package ingest
import ("testing";"fmt")
func TestDbg(t *testing.T){
 p:=made(t, "orte.gml", "-t_srs", "EPSG:4258", "-f", "GML", "-dsco", "FORMAT=GML3.2")
 sp,_:=newSpool(t.TempDir(),1<<30)
 dir,_:=sp.folder()
 s,err:=linkInto(dir,p,"orte.gml")
 g:=gdal{driver:"GML",name:"x",dir:dir,open:[]string{"-oo","WRITE_GFS=NO"}}
 fmt.Println(s,err,g.prepare(t.Context()))
 for _,e:=range g.env{fmt.Printf("%q ",e)}
 c:=g.command(t.Context(),"ogrinfo","-ro","-so","-al","-nomd","-wkt_format", "WKT2_2019","-oo","WRITE_GFS=NO",s)
 out,err:=c.CombinedOutput()
 fmt.Println(len(out),string(out[:min(300,len(out))]),err)
}
